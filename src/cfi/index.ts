// The reader of DWARF call frame information: the public face.
export { type FileFrames, type Frames, readFileFrames } from './frames.js';
export { type FrameHeader, readFrameHeader } from './header.js';
export { type RowTable, rowAt } from './rows.js';
export { cfaText, registerName, rowText, ruleText } from './text.js';
export type * from './types.js';
export { DWARF_REGISTER, REGISTER_NAMES } from './types.js';
