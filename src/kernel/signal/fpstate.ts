import type { Kernel, XsaveArea } from '../kernel.js';
import type { Task } from '../state.js';
import { readUser, writeUser } from '../user.js';
import { FXSAVE_SOFTWARE, fpstate } from './layout.js';
import { selectorOf } from './selectors.js';

/**
 * The FPU part of a signal frame (arch/x86/kernel/fpu/signal.c, fpu/regset.c): an FSAVE image made from the FXSAVE one, then
 * the FXSAVE image itself; with XSAVE that is the beginning of a larger area.
 */
const FXSAVE_ALIGNMENT = 64;
const MXCSR_MASK = 0xffff;
/** FP_XSTATE_MAGIC1 among the software bytes, FP_XSTATE_MAGIC2 behind the area (uapi/asm/sigcontext.h). */
const MAGIC1 = 0x46505853;
const MAGIC2 = 0x46505845;
const MAGIC_BYTES = 4;
/** Of the XSAVE header: the features present, x87 and SSE, which the model always saves. */
const XSTATE_BV = 512;
const X87_AND_SSE = 3;

/** Address of the fpstate below `sp`. */
export function allocateFpstate(kernel: Kernel, sp: number): number {
  const fxsave = (sp - areaSize(kernel)) & ~(FXSAVE_ALIGNMENT - 1);
  return (fxsave - fpstate.fxsave) >>> 0;
}

/** With XSAVE the area is followed by a magic word. */
function areaSize(kernel: Kernel): number {
  const { xsave } = kernel.config;
  return xsave === null ? fpstate.fxsaveSize : xsave.size + MAGIC_BYTES;
}

/** False when the stack cannot be written. */
export function writeFpstate(kernel: Kernel, task: Task, address: number): boolean {
  const image = kernel.machine.fxsave();
  const bytes = new Uint8Array(fpstate.fxsave + areaSize(kernel));
  bytes.set(toFsave(kernel, task, image));
  const view = new DataView(bytes.buffer);
  view.setUint16(fpstate.status, new DataView(image.buffer, image.byteOffset).getUint16(2, true), true);
  bytes.set(image, fpstate.fxsave);
  bytes.fill(0, fpstate.fxsave + FXSAVE_SOFTWARE);
  if (kernel.config.xsave !== null) writeXsave(view, kernel.config.xsave);
  return writeUser(kernel, task, address, bytes);
}

/** struct _fpx_sw_bytes {magic1, extended size, features (u64), size}, then the XSAVE header and the end mark. */
function writeXsave(view: DataView, { size, features }: XsaveArea): void {
  const software = fpstate.fxsave + FXSAVE_SOFTWARE;
  // The extended size counts from the fpstate's beginning (save_sw_bytes).
  const words = [MAGIC1, fpstate.fxsave + size + MAGIC_BYTES, ...features, size];
  words.forEach((word, i) => {
    view.setUint32(software + 4 * i, word, true);
  });
  view.setUint32(fpstate.fxsave + XSTATE_BV, X87_AND_SSE, true);
  view.setUint32(fpstate.fxsave + size, MAGIC2, true);
}

/** Restores the FPU from a frame, x87 from the FSAVE part and SSE from the FXSAVE part; false is a bad frame. */
export function restoreFpstate(kernel: Kernel, task: Task, address: number): boolean {
  if (address === 0) {
    kernel.machine.resetFpu();
    return true;
  }
  const bytes = readUser(kernel, task, address, fpstate.fxsave + fpstate.fxsaveSize);
  if (bytes === null) return false;
  const image = bytes.slice(fpstate.fxsave);
  if ((new DataView(image.buffer).getUint32(24, true) & ~MXCSR_MASK) !== 0) return false;
  fromFsave(bytes, image);
  kernel.machine.fxrstor(image);
  return true;
}

const ST_SIZE = 10;
const FXSAVE_ST = 32;
const FXSAVE_ST_STRIDE = 16;
const FSAVE_ST = 28;

/** convert_from_fxsr: seven 32-bit words of environment, then eight 80-bit registers in stack order. */
function toFsave(kernel: Kernel, task: Task, image: Uint8Array): Uint8Array {
  const source = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const bytes = new Uint8Array(fpstate.fsaveSize);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xffff0000 | source.getUint16(0, true), true);
  view.setUint32(4, 0xffff0000 | source.getUint16(2, true), true);
  view.setUint32(8, 0xffff0000 | fullTags(image), true);
  view.setUint32(12, source.getUint32(8, true), true);
  if (kernel.config.flavour === 'amd64') {
    // A 64-bit kernel has no selectors in the image: it shows those of now.
    view.setUint32(16, selectorOf(kernel, task, 'cs'), true);
    view.setUint32(24, 0xffff0000 | kernel.machine.getSegment('ds'), true);
  } else {
    view.setUint32(16, source.getUint16(12, true) | (source.getUint16(6, true) << 16), true);
    view.setUint32(24, 0xffff0000 | source.getUint16(20, true), true);
  }
  view.setUint32(20, source.getUint32(16, true), true);
  for (let i = 0; i < 8; i++) {
    const from = FXSAVE_ST + i * FXSAVE_ST_STRIDE;
    bytes.set(image.subarray(from, from + ST_SIZE), FSAVE_ST + i * ST_SIZE);
  }
  return bytes;
}

/** convert_to_fxsr: the x87 part of `image` is taken from the FSAVE image in front of it. */
function fromFsave(frame: Uint8Array, image: Uint8Array): void {
  const source = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const view = new DataView(image.buffer);
  view.setUint16(0, source.getUint16(0, true), true);
  view.setUint16(2, source.getUint16(4, true), true);
  view.setUint8(4, abridgedTags(source.getUint16(8, true)));
  view.setUint16(6, source.getUint32(16, true) >>> 16, true);
  view.setUint32(8, source.getUint32(12, true), true);
  view.setUint32(16, source.getUint32(20, true), true);
  for (let i = 0; i < 8; i++) {
    const from = FSAVE_ST + i * ST_SIZE;
    image.set(frame.subarray(from, from + ST_SIZE), FXSAVE_ST + i * FXSAVE_ST_STRIDE);
  }
}

const TAG = { valid: 0, zero: 1, special: 2, empty: 3 } as const;

/** The two-bit tags of FSAVE from FXSAVE's one bit a register and the registers themselves (Intel SDM vol. 1, 10.5.1.1). */
function fullTags(image: Uint8Array): number {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const top = (view.getUint16(2, true) >> 11) & 7;
  const abridged = view.getUint8(4);
  let tags = 0;
  for (let physical = 0; physical < 8; physical++) {
    const used = (abridged >> physical) & 1;
    const register = FXSAVE_ST + ((physical - top) & 7) * FXSAVE_ST_STRIDE;
    tags |= (used ? classify(view, register) : TAG.empty) << (2 * physical);
  }
  return tags;
}

function classify(view: DataView, at: number): number {
  const exponent = view.getUint16(at + 8, true) & 0x7fff;
  const low = view.getUint32(at, true);
  const high = view.getUint32(at + 4, true);
  if (exponent === 0x7fff) return TAG.special;
  if (exponent === 0) return low === 0 && high === 0 ? TAG.zero : TAG.special;
  return high & 0x80000000 ? TAG.valid : TAG.special;
}

function abridgedTags(tags: number): number {
  let abridged = 0;
  for (let i = 0; i < 8; i++) if (((tags >> (2 * i)) & 3) !== TAG.empty) abridged |= 1 << i;
  return abridged;
}
