// What code inside the vDSO would know of its own entry from labels: the part of __kernel_vsyscall in which a call has not
// been made yet, and how deep the stack is at each of its bytes. Found by decoding, as images have no such labels.
import { disassemble } from '../asm/disassemble.js';
import type { VdsoImage } from './types.js';

export interface PendingPart {
  /** For each byte from the first one to the landing pad: bytes pushed before the instruction that it is in. */
  readonly depths: readonly number[];
}

type Image = Pick<VdsoImage, 'bytes' | 'vsyscall' | 'landingPad' | 'fastReturn'>;

/** From the first instruction to the landing pad, a restart's place included. */
export function decodedPart({ bytes, vsyscall, landingPad }: Image): PendingPart {
  let depth = 0;
  const depths = disassemble(bytes.subarray(vsyscall, landingPad), vsyscall).flatMap(({ text, size }) => {
    const here = Array.from({ length: size }, () => depth);
    if (text.startsWith('pushl ')) depth += 4;
    return here;
  });
  return { depths };
}

/**
 * As the RFC's code takes it, which was written for the one form of 2015: three pushes of one byte come first, and the
 * landing pad is behind the last int $0x80.
 */
export function partOf2016({ vsyscall, fastReturn }: Image): PendingPart {
  const PUSHES = 3;
  return { depths: Array.from({ length: fastReturn - vsyscall }, (_, at) => 4 * Math.min(at, PUSHES)) };
}
