// Boot-time patching of an image as found on disk: what the kernel does once for the CPU it runs on, done here for
// the CPU the sweep is about. SOURCE: apply_alternatives() in arch/x86/kernel/alternative.c.
// Later entries win over earlier ones for the same site; the rest of a site, and the padding of an unused one, becomes
// long nops; a near call or jump at the start of a replacement is relative to where it was linked and is retargeted
// (7.x images replace their own `int $0x80` by `call __kernel_vsyscall` this way).
import { disassemble } from '../asm/disassemble.js';
import { type ElfFile, parseElf } from '../elf/index.js';
import { type Alternative, readAlternatives } from './alternatives.js';
import { nopBytes } from './nops.js';
import type { CpuKind, Flavour, VdsoError } from './types.js';

export interface PatchTarget {
  readonly cpu: CpuKind;
  readonly flavour: Flavour;
  /** Further kernel feature numbers the CPU has; those that choose the entry follow from `cpu`. */
  readonly features?: readonly number[];
}

export type PatchResult =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly applied: readonly Alternative[] }
  | { readonly ok: false; readonly error: VdsoError };

/** 11 SEP decides on 32-bit kernels, 110 SYSCALL32 and 111 SYSENTER32 (from 7.0: "has a fast entry") on 64-bit ones. */
const CPU_FEATURES: { readonly [kind in CpuKind]: readonly number[] } = {
  int80: [],
  sysenter: [11, 111],
  syscall: [11, 110, 111],
};

/** The replacement as it must read at the site; a string says why it can't be moved there. */
function relocated(bytes: Uint8Array, entry: Alternative): Uint8Array | string {
  const { replacement, replacementLength, site } = entry;
  const moved = bytes.slice(replacement, replacement + replacementLength);
  for (const instruction of disassemble(moved, replacement)) {
    if (instruction.target === undefined) continue;
    const inside = instruction.target >= replacement && instruction.target < replacement + replacementLength;
    if (inside) continue;
    const opcode = instruction.bytes[0];
    if (instruction.size !== 5 || (opcode !== 0xe8 && opcode !== 0xe9)) {
      return `the replacement at 0x${replacement.toString(16)} has a short branch out of itself: '${instruction.text}'`;
    }
    const at = instruction.address - replacement + 1;
    const view = new DataView(moved.buffer, moved.byteOffset);
    view.setInt32(at, view.getInt32(at, true) + replacement - site, true);
  }
  return moved;
}

/** Turns the padding a site ends with into long nops; single-byte nops were put there by the assembler. */
function optimizePadding(bytes: Uint8Array, entry: Alternative, flavour: Flavour): void {
  const end = entry.site + entry.length;
  let start = end;
  while (start > entry.site && bytes[start - 1] === 0x90) start--;
  bytes.set(nopBytes(flavour, end - start), start);
}

/** Applies the image's alternatives to a copy of its bytes. Feature numbers are the running kernel's of all versions. */
export function patchAlternatives(image: Uint8Array, target: PatchTarget, name = 'vdso'): PatchResult {
  const fail = (code: VdsoError['code'], message: string): PatchResult => ({
    ok: false,
    error: { code, message },
  });
  if (target.flavour === 'i386' && target.cpu === 'syscall') {
    return fail('no-such-cpu', `${name}: 32-bit kernels never use syscall: choose int80 or sysenter`);
  }
  const parsed = parseElf(image, name);
  if (!parsed.ok) return fail('bad-elf', parsed.error.message);
  return patchElf(parsed.elf, target);
}

function patchElf(elf: ElfFile, target: PatchTarget): PatchResult {
  const read = readAlternatives(elf);
  if (!read.ok) return read;
  const features = new Set([...CPU_FEATURES[target.cpu], ...(target.features ?? [])]);
  const bytes = elf.bytes.slice();
  const applied: Alternative[] = [];
  for (const entry of read.alternatives) {
    if (features.has(entry.feature) === entry.inverted) {
      optimizePadding(bytes, entry, target.flavour);
      continue;
    }
    const code = relocated(elf.bytes, entry);
    if (typeof code === 'string') {
      return { ok: false, error: { code: 'bad-alternatives', message: `${elf.name}: ${code}` } };
    }
    bytes.set(code, entry.site);
    bytes.set(nopBytes(target.flavour, entry.length - code.length), entry.site + code.length);
    applied.push(entry);
  }
  return { ok: true, bytes, applied };
}
