// A sigreturn with a stack selector that cannot be loaded, on both kinds of kernel. The 64-bit one is compared with the
// running kernel (edit Wrong-ss); a 32-bit one by its source alone: entry_32.S asm_iret_error, traps.c iret_error.
import { describe, expect, it, onTestFinished } from 'vitest';
import { rtSigframe, sigcontext } from '../../src/kernel/signal/layout.js';
import { assemble } from '../assembled.js';
import { image, world } from './programs.js';

/** SIGUSR1's handler puts a selector into its context; SIGILL's and SIGSEGV's end the process. */
const SOURCE = `
.globl _start
_start:
  mov $10,%ebx; mov $change,%esi; call on
  mov $4,%ebx; mov $fault,%esi; call on
  mov $11,%ebx; mov $fault,%esi; call on
  mov $20,%eax; int $0x80
  mov %eax,%ebx; mov $10,%ecx; mov $37,%eax; int $0x80
  hlt
on: mov %esi,action; mov $174,%eax; mov $action,%ecx; xor %edx,%edx; mov $8,%esi; int $0x80; ret
change: mov 12(%esp),%eax; movl $0x1233,20+${sigcontext.ss.at}(%eax); ret
fault: mov 4(%esp),%ebx; mov $1,%eax; int $0x80
.data
action: .long 0, 4, 0, 0, 0
`;

describe('a return to a stack selector that cannot be loaded', () => {
  it.each([
    ['6.1-686/int80', { sig: 4, code: 8, trapno: 32, err: 0 }],
    ['6.1-686/sysenter', { sig: 4, code: 8, trapno: 32, err: 0 }],
    ['7.0-amd64/sysenter', { sig: 11, code: 0x80, trapno: 13, err: 0x1230 }],
  ])('faults with the registers of the context already there (%s)', (id, expected) => {
    const running = world(assemble(SOURCE), [], image(id));
    onTestFinished(() => running.close());
    expect(running.run()).toEqual({ kind: 'ended', exit: { kind: 'exited', status: expected.sig } });
    const [first, second] = running.history.flatMap((event) => (event.kind === 'deliver' ? [event] : []));
    if (second === undefined) expect.fail('no fault');
    const { bytes: info } = second.info;
    const view = new DataView(info.buffer, info.byteOffset);
    const word = (at: number): number => {
      const bytes = running.cpu.read(second.frame + rtSigframe.context + at, 4) ?? expect.fail('no frame');
      return Buffer.from(bytes).readUInt32LE();
    };
    expect({ sig: second.sig, code: view.getInt32(8, true), address: view.getUint32(12, true) }).toEqual({
      sig: expected.sig,
      code: expected.code,
      address: 0,
    });
    expect([word(sigcontext.trapno.at), word(sigcontext.err.at)]).toEqual([expected.trapno, expected.err]);
    expect(word(sigcontext.ss.at)).toBe(0x1233);
    expect(second.context.eip).toBe(first?.context.eip);
  });
});
