// From the bytes of a vDSO image to everything sigsweep must know of it, found by symbols and by decoding.
import { type ElfFile, type ElfSymbol, fileOffset, PT, parseElf } from '../elf/index.js';
import { readAlternatives } from './alternatives.js';
import { nameForm } from './forms.js';
import { findLandingPad } from './landing.js';
import type { Flavour, VdsoError, VdsoResult } from './types.js';

export interface LoadOptions {
  readonly id: string;
  /** Which kernel it is from; absent: told by the features its alternatives ask for. */
  readonly flavour?: Flavour;
}

/** Only 64-bit kernels ask for SYSCALL32 (110); only they, or 7.x, for 111; images without either are 32-bit ones. */
function guessFlavour(elf: ElfFile): Flavour {
  const read = readAlternatives(elf);
  return read.ok && read.alternatives.some(({ feature }) => feature === 110) ? 'amd64' : 'i386';
}

/** Bytes from the symbol to its end: its size, else to the next symbol, at most 64. */
function extent(elf: ElfFile, symbol: ElfSymbol, at: number): Uint8Array {
  const next = elf.symbols.filter((s) => s.value > symbol.value).map((s) => s.value - symbol.value);
  const size = symbol.size > 0 ? symbol.size : Math.min(64, ...next);
  return elf.bytes.subarray(at, at + Math.min(size, 4096));
}

/** Understands an image as it is, patched or not. Never throws on bad input. */
export function loadVdso(bytes: Uint8Array, options: LoadOptions): VdsoResult {
  const { id } = options;
  const fail = (code: VdsoError['code'], message: string): VdsoResult => ({
    ok: false,
    error: { code, message },
  });
  const parsed = parseElf(bytes, id);
  if (!parsed.ok) return fail('bad-elf', parsed.error.message);
  const { elf } = parsed;
  const load = elf.segments.find((segment) => segment.type === PT.LOAD);
  if (elf.type !== 'DYN' || load === undefined || load.offset !== 0) {
    return fail('not-a-vdso', `${id} is not a vDSO: it is no shared object loaded from its first byte on`);
  }
  const offsets: number[] = [];
  for (const name of ['__kernel_vsyscall', '__kernel_sigreturn', '__kernel_rt_sigreturn']) {
    const symbol = elf.findSymbol(name);
    const at = symbol === undefined ? undefined : fileOffset(elf, symbol.value);
    if (at === undefined) return fail('not-a-vdso', `${id} is not an i386 vDSO: it has no code for ${name}`);
    offsets.push(at);
  }
  const [vsyscall = 0, sigreturn = 0, rtSigreturn = 0] = offsets;
  const symbol = elf.findSymbol('__kernel_vsyscall');
  const code = symbol === undefined ? new Uint8Array(0) : extent(elf, symbol, vsyscall);
  const pad = findLandingPad(code);
  if (!pad.ok) return fail('no-landing-pad', `${id}: no landing pad in __kernel_vsyscall: ${pad.reason}`);
  const { entry } = pad;
  const image = {
    id,
    bytes,
    elf,
    form: nameForm(code),
    flavour: options.flavour ?? guessFlavour(elf),
    cpu: entry.kind,
    kind: entry.kind,
    base: load.vaddr,
    vsyscall,
    vsyscallSize: code.length,
    trap: vsyscall + entry.trap,
    landingPad: vsyscall + entry.landingPad,
    restart: vsyscall + entry.restart,
    fastReturn: vsyscall + entry.fastReturn,
    sigreturn,
    rtSigreturn,
  };
  return { ok: true, image };
}
