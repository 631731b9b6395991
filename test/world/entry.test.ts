// What the three ways into the kernel do to the registers, on both kinds of kernel (LINUX.md, "Entering and leaving").
import { describe, expect, it, onTestFinished } from 'vitest';
import type { VdsoImage } from '../../src/vdso/index.js';
import type { World } from '../../src/world/world.js';
import { assemble } from '../assembled.js';
import { finish, image, images, world } from './programs.js';

const GETPID = 20;
const NOT_A_CALL = 9999;

/** Finds AT_SYSINFO on the initial stack, calls through it with known registers, and stops at `after`. */
const THROUGH_VDSO = `
.globl _start, after
_start:
  mov %esp,%esi
  mov (%esi),%eax
  lea 8(%esi,%eax,4),%esi
1: lodsl; test %eax,%eax; jnz 1b
2: lodsl; cmp $32,%eax; lodsl; jne 2b
  mov %eax,entry
  mov $1,%ebx; mov $2,%ecx; mov $3,%edx; mov $4,%esi; mov $5,%edi; mov $6,%ebp
  mov $NR,%eax
  call *entry
after: nop
  mov $1,%eax; xor %ebx,%ebx; int $0x80
.data
entry: .long 0
`;

function start(source: string, vdso: VdsoImage): World {
  const running = world(assemble(source), [], vdso);
  onTestFinished(() => running.close());
  return running;
}

const REGISTERS = ['eax', 'ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp'] as const;
const registers = (running: World) =>
  Object.fromEntries(REGISTERS.map((name) => [name, running.cpu.get(name)]));

/** Runs to the call's first transition in the kernel. */
function toKernel(running: World): void {
  running.run(() => running.current.phase.kind !== 'user');
}

const lastCall = (running: World) => {
  const call = running.history.findLast((event) => event.kind === 'call');
  if (call?.kind !== 'call') throw new Error('no call');
  return call;
};

describe.each(images.map((one) => [one.id, one] as const))('through the vDSO %s', (_, vdso) => {
  it('the kernel sees number and six arguments, and EIP at the landing pad', () => {
    const running = start(THROUGH_VDSO.replace('NR', `${NOT_A_CALL}`), vdso);
    toKernel(running);
    const call = lastCall(running);
    expect(call).toMatchObject({ nr: NOT_A_CALL, args: [1, 2, 3, 4, 5, 6], form: vdso.cpu });
    expect(running.cpu.get('eip')).toBe(running.program.vdsoBase + vdso.landingPad);
  });

  it('the caller gets the result and every register back', () => {
    const running = start(THROUGH_VDSO.replace('NR', `${GETPID}`), vdso);
    toKernel(running);
    const esp = running.cpu.get('esp');
    const made = running.history.length;
    running.run(() => running.history.length > made + 1);
    expect(lastCall(running)).toMatchObject({ nr: 1 });
    expect(running.history[made]).toMatchObject({ kind: 'return', value: 100 });
    expect(registers(running)).toMatchObject({ ecx: 2, edx: 3, esi: 4, edi: 5, ebp: 6 });
    expect(running.cpu.get('esp')).toBeGreaterThan(esp);
  });
});

describe('a fast return', () => {
  /** Registers when user mode resumes. */
  const resumed = (id: string) => {
    const running = start(THROUGH_VDSO.replace('NR', `${GETPID}`), image(id));
    toKernel(running);
    running.advance(1);
    const before = registers(running);
    running.advance(1);
    expect(running.current.phase.kind).toBe('user');
    return { before, after: registers(running), running };
  };
  const pad = (running: World) =>
    running.program.vdsoBase + (running.kernel.config.vdso.landingPad ?? Number.NaN);

  it.each(['7.0-amd64/sysenter', '6.19-amd64/syscall'])('by SYSRET leaves its address in ecx (%s)', (id) => {
    const { before, after, running } = resumed(id);
    expect(after).toEqual({ ...before, ecx: pad(running) });
  });

  it('by SYSEXIT leaves the stack pointer in ecx and its address in edx', () => {
    const { before, after, running } = resumed('6.1-686/sysenter');
    expect(after).toEqual({ ...before, ecx: running.cpu.get('esp'), edx: pad(running) });
  });

  it.each(['6.1-686/int80', '7.0-amd64/int80'])('does not happen after int $0x80 (%s)', (id) => {
    const { before, after } = resumed(id);
    expect(after).toEqual(before);
  });

  it('does not happen when a signal was delivered: the frame and the handler see the arguments', () => {
    const source = `
.globl _start
_start:
  mov $174,%eax; mov $10,%ebx; mov $action,%ecx; xor %edx,%edx; mov $8,%esi; int $0x80
  mov %esp,%ebp
  push %ecx; push %edx; push %ebp
  mov $20,%eax; int $0x80
  mov %eax,%ebx; mov $10,%ecx; mov $37,%eax
  mov %esp,%ebp; mov $0x77,%edx
  sysenter
handler: mov 8+40(%esp),%esi
  mov $1,%eax; xor %ebx,%ebx; int $0x80
.data
action: .long handler, 0, 0, 0, 0
`;
    const running = start(source, image('7.0-amd64/sysenter'));
    finish(running);
    const delivered = running.history.find((event) => event.kind === 'deliver');
    expect(delivered).toMatchObject({ sig: 10, context: { eip: pad(running) } });
    // ecx of the interrupted context: kill's second argument, not the landing pad.
    expect(running.cpu.get('esi')).toBe(10);
  });
});

describe('with a stack that the kernel cannot read', () => {
  const BAD = `
.globl _start
_start:
  mov $${GETPID},%eax
  SETUP
  nop
`;
  it.each([
    ['7.0-amd64/sysenter', 'mov $8,%ebp; sysenter'],
    ['6.1-686/sysenter', 'mov $8,%ebp; sysenter'],
    ['6.19-amd64/syscall', 'mov $8,%esp; syscall'],
  ])('the call is not made and says EFAULT at the landing pad (%s)', (id, setup) => {
    const vdso = image(id);
    const running = start(BAD.replace('SETUP', setup), vdso);
    toKernel(running);
    expect(running.history.filter(({ kind }) => kind === 'call')).toEqual([]);
    running.advance(1);
    expect(running.cpu.get('eax') | 0).toBe(-14);
    expect(running.cpu.get('eip')).toBe(running.program.vdsoBase + (vdso.fastReturn ?? 0));
  });
});

describe('a fast instruction outside the vDSO', () => {
  it.each([
    ['7.0-amd64/sysenter', 'mov %esp,%ebp; sysenter'],
    ['6.19-amd64/syscall', 'mov $7,%ebp; syscall'],
  ])('makes the call and goes on at the landing pad (%s)', (id, code) => {
    const source = `.globl _start\n_start: push $back; push $1; push $2; push $6; mov $${GETPID},%eax; ${code}; hlt\nback: mov %eax,%ebx; mov $1,%eax; int $0x80\n`;
    const running = start(source, image(id));
    expect(finish(running)).toEqual({ kind: 'ended', exit: { kind: 'exited', status: 100 } });
  });

  it.each([
    ['7.0-amd64/sysenter', 'syscall'],
    ['6.19-amd64/syscall', 'sysenter'],
    ['6.1-686/int80', 'sysenter'],
  ])('is an invalid opcode where the CPU has the other one (%s: %s)', (id, code) => {
    const running = start(`.globl _start\n_start: ${code}\n`, image(id));
    expect(finish(running)).toEqual({ kind: 'ended', exit: { kind: 'killed', sig: 4 } });
    const fault = running.history.find((event) => event.kind === 'fault');
    expect(fault).toMatchObject({ sig: 4, at: running.program.entry });
  });
});

describe('an interrupted call through the vDSO', () => {
  /** pause(), or nanosleep of a second, in a program whose SIGALRM handler comes after 1 ms. */
  const program = (handlerFlags: number, nr: number, first: string) => `
.globl _start
_start:
  mov %esp,%esi
  mov (%esi),%eax
  lea 8(%esi,%eax,4),%esi
1: lodsl; test %eax,%eax; jnz 1b
2: lodsl; cmp $32,%eax; lodsl; jne 2b
  mov %eax,entry
  mov $174,%eax; mov $14,%ebx; mov $action,%ecx; xor %edx,%edx; mov $8,%esi; int $0x80
  mov $104,%eax; xor %ebx,%ebx; mov $timer,%ecx; xor %edx,%edx; int $0x80
  mov $42,%eax; mov $ends,%ebx; int $0x80
  mov ${first},%ebx; mov $second,%ecx; mov $1,%edx; mov $nr,%eax
  .set nr, ${nr}
  call *entry
  mov %eax,%ebx; neg %ebx; mov $1,%eax; int $0x80
handler: ret
.data
entry: .long 0
ends: .long 0, 0
second: .long 1, 0
timer: .long 0, 0, 0, 1000
action: .long handler, ${handlerFlags}, 0, 0, 0
`;
  const SA_RESTART = 0x10000000;

  it.each(images.map((one) => [one.id, one] as const))(
    'shows EIP after or at the trap instruction, and the caller stack 16 bytes up (%s)',
    (_, vdso) => {
      for (const flags of [0, SA_RESTART]) {
        const running = start(program(flags, 3, 'ends'), vdso);
        running.run(() => running.history.some(({ kind }) => kind === 'deliver'));
        const deliver = running.history.find((event) => event.kind === 'deliver');
        const pad = running.program.vdsoBase + vdso.landingPad;
        expect(deliver).toMatchObject({
          context: flags === 0 ? { eip: pad, eax: -4 >>> 0 } : { eip: pad - 2, eax: 3 },
        });
      }
    },
  );

  it.each(images.map((one) => [one.id, one] as const))(
    'is made again by whatever lies at landing pad - 2, with the same arguments (%s)',
    (_, vdso) => {
      const running = start(program(SA_RESTART, 3, 'ends'), vdso);
      running.run(() => running.history.filter((e) => e.kind === 'call' && e.nr === 3).length === 2);
      const [one, two] = running.history.filter((e) => e.kind === 'call').filter(({ nr }) => nr === 3);
      expect(two?.args).toEqual(one?.args);
      expect(two?.at).toBe(running.program.vdsoBase + vdso.restart + 2);
    },
  );
});
