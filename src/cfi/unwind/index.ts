// Unwinding with frame descriptions, as different readers do it: the public face.
export { FrameIndex, type Module } from './frame-index.js';
export { libgcc } from './libgcc.js';
export { libunwind18, libunwind19 } from './libunwind.js';
export {
  type Found,
  lookupAddress,
  type Reader,
  type ReaderId,
  readFrame,
  standard,
  type WalkStep,
} from './readers.js';
export type { FrameState, Memory } from './state.js';
