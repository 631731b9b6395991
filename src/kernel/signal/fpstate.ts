import type { Kernel, XsaveArea } from '../kernel.js';
import type { Task } from '../state.js';
import { viewUser, writeUser } from '../user.js';
import { fromFsave, type Selectors, toFsave } from './fsave.js';
import { FXSAVE_SOFTWARE, fpstate } from './layout.js';
import { selectorOf } from './selectors.js';
import { loadable, MAGIC1, MAGIC2, NO_XSAVE, readXstate, X87_AND_SSE, XSTATE_BV } from './xstate.js';

/**
 * The FPU part of a signal frame (arch/x86/kernel/fpu/signal.c, fpu/regset.c): an FSAVE image made from the FXSAVE one, then
 * the FXSAVE image itself; with XSAVE that is the beginning of a larger area.
 */
const FXSAVE_ALIGNMENT = 64;
const MAGIC_BYTES = 4;

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

/** What was made of an image: one state of the FPU is saved again and again. */
interface Made {
  readonly image: Uint8Array;
  readonly selectors: Selectors | null;
  readonly xsave: XsaveArea | null;
  readonly bytes: Buffer;
  /** What restoring the bytes loads. */
  readonly restored: Uint8Array;
}

let last: Made | null = null;

/** False when the stack cannot be written. */
export function writeFpstate(kernel: Kernel, task: Task, address: number): boolean {
  const { machine, config } = kernel;
  const image = machine.fxsave();
  // A 64-bit kernel has no selectors in the image: it shows those of now.
  const selectors =
    config.flavour === 'amd64' ? { cs: selectorOf(kernel, task, 'cs'), ds: machine.getSegment('ds') } : null;
  if (last === null || !isMadeOf(last, image, selectors, config.xsave)) {
    const bytes = makeFpstate(image, selectors, config.xsave, areaSize(kernel));
    const restored = imageOf(bytes);
    last = {
      image,
      selectors,
      xsave: config.xsave,
      bytes,
      restored: restored.equals(image) ? image : restored,
    };
  }
  return writeUser(kernel, task, address, last.bytes);
}

function isMadeOf(
  made: Made,
  image: Uint8Array,
  selectors: Selectors | null,
  xsave: XsaveArea | null,
): boolean {
  const { cs, ds } = made.selectors ?? {};
  return made.image === image && cs === selectors?.cs && ds === selectors?.ds && made.xsave === xsave;
}

function makeFpstate(
  image: Uint8Array,
  selectors: Selectors | null,
  xsave: XsaveArea | null,
  size: number,
): Buffer {
  const bytes = Buffer.alloc(fpstate.fxsave + size);
  toFsave(image, selectors, bytes);
  bytes.set(image.subarray(2, 4), fpstate.status);
  bytes.set(image.subarray(0, FXSAVE_SOFTWARE), fpstate.fxsave);
  if (xsave !== null) writeXsave(bytes, xsave);
  return bytes;
}

/** struct _fpx_sw_bytes {magic1, extended size, features (u64), size}, then the XSAVE header and the end mark. */
function writeXsave(bytes: Buffer, { size, features }: XsaveArea): void {
  const software = fpstate.fxsave + FXSAVE_SOFTWARE;
  bytes.writeUInt32LE(MAGIC1, software);
  // The extended size counts from the fpstate's beginning (save_sw_bytes).
  bytes.writeUInt32LE(fpstate.fxsave + size + MAGIC_BYTES, software + 4);
  bytes.writeUInt32LE(features[0], software + 8);
  bytes.writeUInt32LE(features[1], software + 12);
  bytes.writeUInt32LE(size, software + 16);
  bytes.writeUInt32LE(X87_AND_SSE, fpstate.fxsave + XSTATE_BV);
  bytes.writeUInt32LE(MAGIC2, fpstate.fxsave + size);
}

/** Restores the FPU from a frame, x87 from the FSAVE part and SSE from the FXSAVE part; false is a bad frame. */
export function restoreFpstate(kernel: Kernel, task: Task, address: number): boolean {
  const { machine, config } = kernel;
  if (address === 0) {
    machine.resetFpu();
    return true;
  }
  const bytes = viewUser(kernel, task, address, fpstate.fxsave + fpstate.fxsaveSize);
  if (bytes === null) return false;
  const present = config.xsave === null ? NO_XSAVE : readXstate(kernel, task, address, config.xsave);
  if (present === null) return false;
  if (last !== null && (present.loaded & X87_AND_SSE) === X87_AND_SSE && holds(bytes, last.bytes)) {
    machine.fxrstor(last.restored);
    return true;
  }
  const image = loadable(imageOf(bytes), present, kernel);
  if (image !== null) machine.fxrstor(image);
  return image !== null;
}

/** The FXSAVE image with the x87 part of the FSAVE image in front of it. */
function imageOf(bytes: Uint8Array): Buffer {
  const image = Buffer.from(bytes.subarray(fpstate.fxsave, fpstate.fxsave + fpstate.fxsaveSize));
  fromFsave(bytes, image);
  return image;
}

/** Whether the frame still holds what was made: its begin, which is all that is restored. */
function holds(frame: Uint8Array, made: Buffer): boolean {
  return made.compare(frame, 0, frame.length, 0, frame.length) === 0;
}
