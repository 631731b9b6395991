// Assembly for tests of checks: musl's point in its pieces, as a developer would write it, and a scratch folder.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A point that is right; `behind` stands between the trap and the end label, `before` in front of everything. */
export function point(behind = '', before = ''): string {
  return [
    '\t.text',
    before,
    '\t.globl __syscall_cp_asm, __cp_begin, __cp_end, __cp_cancel',
    '\t.type __syscall_cp_asm, @function',
    '__syscall_cp_asm:',
    ...['ebp', 'ebx', 'esi', 'edi'].map((reg) => `\tpushl %${reg}`),
    '\tmovl 20(%esp), %ecx',
    '__cp_begin:',
    ...['\tmovl (%ecx), %eax', '\ttestl %eax, %eax', '\tjnz __cp_cancel'],
    ...['eax', 'ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp'].map(
      (reg, i) => `\tmovl ${24 + 4 * i}(%esp), %${reg}`,
    ),
    '\tint $0x80',
    behind,
    '__cp_end:',
    ...['edi', 'esi', 'ebx', 'ebp'].map((reg) => `\tpopl %${reg}`),
    '\tret',
    '__cp_cancel:',
    ...['edi', 'esi', 'ebx', 'ebp'].map((reg) => `\tpopl %${reg}`),
    '\tjmp __cancel',
    '',
  ].join('\n');
}

export interface Scratch {
  readonly path: string;
  readonly write: (name: string, text: string) => string;
  readonly remove: () => void;
}

export function scratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), 'sigsweep-check-'));
  const write = (name: string, text: string) => {
    writeFileSync(join(path, name), text);
    return join(path, name);
  };
  return { path, write, remove: () => rmSync(path, { recursive: true, force: true }) };
}
