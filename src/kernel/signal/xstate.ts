import type { Kernel, XsaveArea } from '../kernel.js';
import type { Task } from '../state.js';
import { readWords } from '../user.js';
import { FXSAVE_SOFTWARE, fpstate } from './layout.js';

/**
 * What sigreturn makes of the XSAVE area behind an FXSAVE image (arch/x86/kernel/fpu/signal.c: check_xstate_in_sigframe,
 * __fpu_restore_sig; fpu/xstate.c: copy_uabi_to_xstate, validate_user_xstate_header; Intel SDM vol. 1, 13.4.2 and 13.12).
 */

/** FP_XSTATE_MAGIC1 among the software bytes, FP_XSTATE_MAGIC2 behind the area (uapi/asm/sigcontext.h). */
export const MAGIC1 = 0x46505853;
export const MAGIC2 = 0x46505845;
/** Of the XSAVE header: the features present. */
export const XSTATE_BV = 512;
const HEADER_BYTES = 64;
export const X87 = 1;
export const SSE = 2;
const AVX = 4;
export const X87_AND_SSE = X87 | SSE;
const MXCSR = 24;
const MXCSR_MASK = 0xffff;
const MXCSR_INITIAL = 0x1f80;

/** Features, bits 0 to 31, that are loaded and those of which the image is checked; null is a bad frame. */
export interface Present {
  readonly loaded: number;
  readonly checked: number;
}

const LEGACY: Present = { loaded: X87_AND_SSE, checked: X87_AND_SSE };

/** Without the magic words, or with sizes that cannot be, the FXSAVE image is all there is. */
export function readXstate(kernel: Kernel, task: Task, address: number, area: XsaveArea): Present | null {
  const fxsave = (address + fpstate.fxsave) >>> 0;
  const software = readWords(kernel, task, fxsave + FXSAVE_SOFTWARE, 5);
  if (software === null) return null;
  const [magic1 = 0, extended = 0, wanted = 0, , size = 0] = software;
  const possible = size >= XSTATE_BV + HEADER_BYTES && size <= area.size && size <= extended;
  if (magic1 !== MAGIC1 || !possible) return LEGACY;
  const end = readWords(kernel, task, fxsave + size, 1);
  if (end === null) return null;
  if (end[0] !== MAGIC2) return LEGACY;
  const header = readWords(kernel, task, fxsave + XSTATE_BV, HEADER_BYTES / 4);
  if (header === null) return null;
  const [low = 0, high = 0, ...zeros] = header;
  const [known, knownHigh] = area.features;
  const impossible = (low & ~known) !== 0 || (high & ~knownHigh) !== 0;
  if (impossible || zeros.some((word) => word !== 0)) return null;
  return { loaded: low & wanted, checked: low };
}

function hasMxcsr(features: number): boolean {
  return (features & (X87 | SSE | AVX)) !== 0;
}

/**
 * The image as the CPU takes it, changed in place; null where MXCSR has bits that the CPU has not. 64-bit kernels and those
 * with XSAVE reject such an image; the other ones take the bits away.
 */
export function loadable(image: Uint8Array, present: Present, { config }: Kernel): Uint8Array | null {
  const { loaded, checked } = present;
  const reject = config.flavour === 'amd64' || config.xsave !== null;
  const mask = config.xsave?.mxcsrMask ?? MXCSR_MASK;
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const mxcsr = view.getUint32(MXCSR, true);
  if (reject && hasMxcsr(checked) && (mxcsr & ~mask) !== 0) return null;
  view.setUint32(MXCSR, mxcsr & mask, true);
  // The control word's reserved bits: 6 is always set, 7 and 13 to 15 never are.
  view.setUint16(0, (view.getUint16(0, true) & 0x1f3f) | 0x40, true);
  if ((loaded & X87) === 0) {
    image.fill(0, 0, MXCSR);
    image.fill(0, 32, 160);
    view.setUint16(0, 0x37f, true);
  }
  if ((loaded & SSE) === 0) {
    image.fill(0, 160, 160 + 128);
    view.setUint32(MXCSR, MXCSR_INITIAL, true);
  }
  return image;
}

export const NO_XSAVE = LEGACY;
