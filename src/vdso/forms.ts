// The forms __kernel_vsyscall has had since 2002, told apart by what the code does, not by which nops pad it.
// SOURCE: the history of arch/x86/entry/vdso/vdso32 (before 2015: arch/x86/vdso/vdso32, before 2007:
// arch/i386/kernel/vsyscall-*.S); the bytes of each are rebuilt in asm/vdso.
import { createHash } from 'node:crypto';
import { disassemble, type Instruction } from '../asm/disassemble.js';
import { isNop } from './nops.js';

const PUSH = 'pushl %ecx; pushl %edx; pushl %ebp';
const POP = 'popl %ebp; popl %edx; popl %ecx; ret';
const SYSENTER = 'movl %esp, %ebp; sysenter';
const SYSCALL = 'movl %ecx, %ebp; syscall';
const INT80 = 'int $0x80';

/** Code of the whole function -> id. Runs of nops read 'nop', jump targets are offsets in the function. */
const FORMS: ReadonlyMap<string, string> = new Map([
  [`${INT80}; ret`, 'int80-2002'],
  [`${PUSH}; ${SYSENTER}; nop; jmp +3; ${POP}`, 'sysenter-2002'],
  [
    `pushl %ebp; ${SYSCALL}; movl $0x2b, %ecx; movl %ecx, %ss; movl %ebp, %ecx; popl %ebp; ret`,
    'syscall-amd-2003',
  ],
  [`${PUSH}; nop; ${INT80}; ${POP}`, 'unified-4.4/int80'],
  [`${PUSH}; ${SYSENTER}; ${INT80}; ${POP}`, 'unified-4.4/sysenter'],
  [`${PUSH}; ${SYSCALL}; ${INT80}; ${POP}`, 'unified-4.4/syscall'],
  [`${INT80}; ret; ${PUSH}; ${SYSENTER}; ${INT80}; ${POP}`, 'unified-7.0/int80'],
  [`${INT80}; ret; ${PUSH}; ${SYSCALL}; ${INT80}; ${POP}`, 'unified-7.0/int80'],
  [`nop; ${PUSH}; ${SYSENTER}; ${INT80}; ${POP}`, 'unified-7.0/sysenter'],
  [`nop; ${PUSH}; ${SYSCALL}; ${INT80}; ${POP}`, 'unified-7.0/syscall'],
]);

/** Ids of all known forms, oldest first. */
export const FORM_IDS: readonly string[] = [...new Set(FORMS.values())];

/** The function's instructions without what the compiler or assembler fills the gap to the next one with. */
export function vsyscallCode(code: Uint8Array): Instruction[] {
  const instructions = disassemble(code, 0);
  const filler = (text: string): boolean => text === 'int3' || isNop(text);
  while (filler(instructions.at(-1)?.text ?? '')) instructions.pop();
  return instructions;
}

function describe(instructions: readonly Instruction[]): string {
  const words = instructions.map(({ text, target }) => {
    if (target !== undefined) return text.replace(/0x[0-9a-f]+$/, `+${target}`);
    return isNop(text) ? 'nop' : text;
  });
  return words.filter((word, at) => word !== 'nop' || words[at - 1] !== 'nop').join('; ');
}

/** Names the form of a `__kernel_vsyscall` from its bytes: 'unknown-' and 8 digits of their hash when it is new. */
export function nameForm(code: Uint8Array): string {
  const known = FORMS.get(describe(vsyscallCode(code)));
  return known ?? `unknown-${createHash('sha256').update(code).digest('hex').slice(0, 8)}`;
}
