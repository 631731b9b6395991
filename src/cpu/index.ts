/** The emulated CPU: what other folders may use. */
export { type Context, Cpu, type CpuSnapshot, type Register, type SegmentRegister } from './cpu.js';
export type { StateHash } from './digest.js';
export { CpuError, type CpuErrorCode } from './errors.js';
export { PAGE_SIZE, PROT_EXEC, PROT_NONE, PROT_READ, PROT_WRITE, type Protection } from './protection.js';
export { AMD64_SEGMENTS, I386_SEGMENTS, type SegmentLayout } from './segments.js';
export type { Stop } from './stop.js';
