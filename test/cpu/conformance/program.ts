/**
 * One static program that runs every snippet with every input and writes a record after each to descriptor 1.
 * The same file runs on this machine and in the emulator, so every address is equal.
 *
 * Record: EAX ECX EDX EBX EBP ESI EDI ESP EFLAGS (u32 each), `data` (256 bytes), 256 bytes around the stack
 * pointer, and the FXSAVE image (288 bytes of it, to the end of XMM7).
 */
import { SNIPPETS, type Snippet } from './snippets.js';

export const RECORD = { registers: 0, data: 36, stack: 292, fpu: 548, size: 836 } as const;
export const RECORD_REGISTERS = ['eax', 'ecx', 'edx', 'ebx', 'ebp', 'esi', 'edi', 'esp', 'eflags'] as const;

export interface Case {
  readonly snippet: Snippet;
  readonly label: string;
  /** EFLAGS, EAX, ECX, EDX, EBX, EBP, ESI, EDI: numbers, or addresses as the assembler writes them. */
  readonly inputs: readonly string[];
}

const INTERESTING = [
  0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x12345678, 0xdeadbeef, 0x0000ff80, 0x00010001, 0x55aa55aa,
];
const ROUNDS = 3;
/** None, all of CF PF AF ZF SF OF, and CF alone. */
const FLAGS = [0x202, 0xad7, 0x203];

export function cases(): Case[] {
  return SNIPPETS.flatMap((snippet, n) =>
    Array.from({ length: ROUNDS }, (_, round) => {
      const any = (i: number) =>
        `${INTERESTING[(n * 7 + round * 3 + i * (round + 1)) % INTERESTING.length] ?? 0}`;
      const flags = `${FLAGS[round] ?? 0x202}`;
      const label = `${snippet.code} [${round}]`;
      const inputs =
        snippet.inputs === 'values'
          ? [flags, ...[0, 1, 2, 3, 4, 5, 6].map(any)]
          : [flags, any(0), `${round * 3}`, any(2), 'data+64', any(4), 'data+32', 'data+128'];
      return { snippet, label, inputs };
    }),
  );
}

export function assembly(all: readonly Case[]): string {
  const code = SNIPPETS.map(({ code: text }, n) => `s${n}: ${text.replaceAll(';', '\n')}\n jmp dump`);
  const entries = all.map(
    ({ snippet, inputs }) => `.long s${SNIPPETS.indexOf(snippet)}, ${inputs.join(', ')}`,
  );
  return [DRIVER, ...code, DATA, 'entries:', ...entries, 'entries_end:', ''].join('\n');
}

const DRIVER = `
.text
.globl _start
_start:
  movl $entries,cur
next:
  cmpl $entries_end,cur
  jae finish
  movl $template,%esi
  movl $data,%edi
  movl $64,%ecx
  rep movsl
  movl $window,%edi
  xorl %eax,%eax
  movl $64,%ecx
  rep stosl
  fxrstor initial
  movl cur,%eax
  movl (%eax),%ecx
  movl %ecx,target
  pushl 4(%eax)
  popfl
  movl 12(%eax),%ecx
  movl 16(%eax),%edx
  movl 20(%eax),%ebx
  movl 24(%eax),%ebp
  movl 28(%eax),%esi
  movl 32(%eax),%edi
  movl 8(%eax),%eax
  movl $window+128,%esp
  jmp *target
dump:
  movl %eax,record
  movl %ecx,record+4
  movl %edx,record+8
  movl %ebx,record+12
  movl %ebp,record+16
  movl %esi,record+20
  movl %edi,record+24
  movl %esp,record+28
  movl $stack_top,%esp
  pushfl
  popl record+32
  pushl $0x202
  popfl
  fxsave image
  movl %ss,%eax
  movl %eax,%es
  movl $data,%esi
  movl $record+36,%edi
  movl $64,%ecx
  rep movsl
  movl $window,%esi
  movl $64,%ecx
  rep movsl
  movl $image,%esi
  movl $72,%ecx
  rep movsl
  movl $4,%eax
  movl $1,%ebx
  movl $record,%ecx
  movl $836,%edx
  int $0x80
  addl $36,cur
  jmp next
finish:
  movl $1,%eax
  xorl %ebx,%ebx
  int $0x80
`;

const DATA = `
.data
.balign 16
template:
  .long 0x01234567, 0x89abcdef, 0xfedcba98, 0x76543210, 0x00ff00ff, 0x80808080, 0x7f7f7f7f, 0x01020304
  .long 0xa5a5a5a5, 0x5a5a5a5a, 0x11223344, 0x55667788, 0x99aabbcc, 0xddeeff00, 0x0badcafe, 0xfeedface
  .long 0x00000000, 0xffffffff, 0x80000000, 0x7fffffff, 0x00000001, 0xfffffffe, 0x31415926, 0x27182818
  .long 0x01234567, 0x89abcdef, 0xfedcba98, 0x76543210, 0x00ff00ff, 0x80808080, 0x7f7f7f7f, 0x01020304
  .double 1.5, -2.25, 1e10, 0.1
  .float 1.25, -3.5
  .tfloat 2.5
  .byte 0x21, 0x43, 0x65, 0x87, 0x09, 0x21, 0x43, 0x65, 0x07, 0x80
  .balign 4
  .long 0x0000a5f3, 0xffff1234
  .fill 256,1,0x3c
.balign 16
initial:
  .short 0x37f, 0, 0, 0
  .long 0, 0, 0, 0, 0x1f80, 0
  .fill 128,1,0
  .long 1,2,3,4, 0x80000000,0x7fffffff,0xffffffff,0, 0x01020304,0x05060708,0x090a0b0c,0x0d0e0f10
  .long 0xa5a5a5a5,0x5a5a5a5a,0xff00ff00,0x00ff00ff, 5,-5,6,-6, 0x10001,0x20002,0x30003,0x40004
  .float 1.5, -2.5, 3.25, 100.0, 0.5, 8.0, -0.75, 3.0
  .fill 224,1,0
.balign 16
data: .fill 256,1,0
.equ doubles, data+128
.equ singles, data+160
.equ extended, data+168
.equ decimal, data+178
.equ integers, data+188
.balign 16
image: .fill 512,1,0
window: .fill 256,1,0
record: .fill 836,1,0
.fill 1024,1,0
stack_top:
cur: .long 0
target: .long 0
`;
