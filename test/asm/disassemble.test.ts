// Judge: objdump (GNU binutils) on the same bytes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeOne, disassemble } from '../../src/asm/disassemble.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-disassemble-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Instruction addresses and mnemonics as objdump sees them. */
function objdump(bytes: Uint8Array, address: number): { address: number; text: string }[] {
  const file = join(folder, 'code.bin');
  writeFileSync(file, bytes);
  const flags = ['-D', '-b', 'binary', '-m', 'i386', '-z', '--no-show-raw-insn', `--adjust-vma=${address}`];
  const { stdout } = execaSync('objdump', [...flags, file]);
  return [...stdout.matchAll(/^\s*([0-9a-f]+):\t(.*)$/gm)].map((m) => ({
    address: Number.parseInt(m[1] ?? '', 16),
    text: (m[2] ?? '').trim().replace(/\s+/g, ' '),
  }));
}

const SAMPLE: readonly (readonly [string, string])[] = [
  ['cd80', 'int $0x80'],
  ['0f34', 'sysenter'],
  ['0f05', 'syscall'],
  ['51', 'pushl %ecx'],
  ['89e5', 'movl %esp, %ebp'],
  ['65ff1510000000', 'call *%gs:0x10'],
  ['8ed1', 'movl %ecx, %ss'],
  ['5d', 'popl %ebp'],
  ['c3', 'ret'],
  ['ebf3', 'jmp 0x7ffff5'],
  ['e8fbffffff', 'call 0x800000'],
  ['0f8410000000', 'je 0x800016'],
  ['8d742600', 'leal (%esi), %esi'],
  ['0f1f4000', 'nopl (%eax)'],
  ['b877000000', 'movl $0x77, %eax'],
  ['f00fb10a', 'lock cmpxchgl %ecx, (%edx)'],
  ['f3a4', 'rep movsb (%esi), %es:(%edi)'],
  ['e2fe', 'loop 0x800000'],
];

describe('disassemble', () => {
  it.each(SAMPLE)('shows %s as %s', (hex, text) => {
    const bytes = Buffer.from(hex, 'hex');
    const [only, ...rest] = disassemble(bytes, 0x800000);
    expect(rest).toEqual([]);
    expect(only?.text).toBe(text);
    expect(Buffer.from(only?.bytes ?? []).toString('hex')).toBe(hex);
  });

  it('cuts a run of instructions where objdump does', () => {
    const bytes = Buffer.from(SAMPLE.map(([hex]) => hex).join(''), 'hex');
    const ours = disassemble(bytes, 0x08049000);
    expect(ours.map((i) => i.address)).toEqual(objdump(bytes, 0x08049000).map((i) => i.address));
  });

  it('gives direct branches the target objdump prints, also across the end of the address space', () => {
    for (const hex of ['ebf3', 'e8fbffffff', '0f8410000000', 'e9f0ffffff', '7fee']) {
      const bytes = Buffer.from(hex, 'hex');
      for (const address of [0x8048000, 0xfffffff0, 4]) {
        const theirs = /([0-9a-f]+)$/.exec(objdump(bytes, address)[0]?.text ?? '')?.[1] ?? '';
        expect(disassemble(bytes, address)[0]?.target, hex).toBe(Number.parseInt(theirs, 16) >>> 0);
      }
    }
  });

  it('names a direct branch target when asked to, and leaves other operands alone', () => {
    const bytes = Buffer.from('e8fbffffff65ff1510000000', 'hex');
    const texts = disassemble(bytes, 0x1000, (at) => (at === 0x1000 ? 'here' : undefined)).map((i) => i.text);
    expect(texts).toEqual(['call 0x1000 <here>', 'call *%gs:0x10']);
  });

  it('shows bytes that are no instruction as (bad) and goes on after them', () => {
    expect(disassemble(Buffer.from('900fff', 'hex'), 0).map((i) => i.text)).not.toContain('(bad)');
    expect(disassemble(Buffer.from('90ffff90', 'hex'), 0).map((i) => [i.address, i.text])).toEqual([
      [0, 'nop'],
      [1, '(bad)'],
      [2, '(bad)'],
      [3, 'nop'],
    ]);
  });

  it('covers any bytes without gap or overlap, and decodeOne agrees with its first instruction', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(0xffffffff), (bytes, address) => {
        const all = disassemble(bytes, address);
        expect(Buffer.concat(all.map((i) => i.bytes))).toEqual(Buffer.from(bytes));
        const one = decodeOne(bytes, address);
        if (one !== undefined) expect(all[0]).toEqual(one);
        else if (bytes.length > 0) expect(all[0]?.text).toBe('(bad)');
      }),
    );
  });
});
