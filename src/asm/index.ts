// Assembling and disassembling: the public face.
export { type AssembleErrorCode, type AssembleResult, assemble } from './assemble.js';
export { decodeOne, disassemble, type Instruction, type NameAddress } from './disassemble.js';
export {
  type AsmSource,
  type BuildErrorCode,
  type BuildRequest,
  type BuildResult,
  buildAssembly,
} from './gnu-as.js';
