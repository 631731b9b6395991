// The shadow stack: the public face.
export { type CallerState, callerOf, framesKey, type ShadowFrame } from './frames.js';
export { afterDelivery, afterInstruction, afterSigreturn, type CallKind, callKind } from './step.js';
