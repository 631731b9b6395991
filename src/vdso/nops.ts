// The nops the kernel fills with, by length, and how to know a nop when one is decoded.
// SOURCE: arch/x86/include/asm/nops.h; 32-bit kernels use the forms every i386 has, 64-bit ones the P6 nopl.
import type { Flavour } from './types.js';

const I386 = [
  '90',
  '89f6',
  '8d7600',
  '8d742600',
  '3e8d742600',
  '8db600000000',
  '8db42600000000',
  '3e8db42600000000',
];
const AMD64 = [
  '90',
  '6690',
  '0f1f00',
  '0f1f4000',
  '0f1f440000',
  '660f1f440000',
  '0f1f8000000000',
  '0f1f840000000000',
];
const TABLES = { i386: I386, amd64: AMD64 } as const;

/** `size` bytes of nops, the longest first, as the kernel patches them in. */
export function nopBytes(flavour: Flavour, size: number): Uint8Array {
  const table = TABLES[flavour];
  const parts: string[] = [];
  for (let left = size; left > 0; ) {
    const length = Math.min(left, table.length);
    parts.push(table[length - 1] ?? '');
    left -= length;
  }
  return Uint8Array.from(Buffer.from(parts.join(''), 'hex'));
}

/** Whether an instruction's AT&T text (as disassemble.ts writes it) does nothing. */
export function isNop(text: string): boolean {
  return /^(?:nop(?:[lw] .*)?|leal (?:%[c-g]s:)?(?:0x0)?\(%esi(?:,%eiz)?\), %esi|movl %esi, %esi)$/.test(
    text,
  );
}
