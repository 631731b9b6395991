import { createHash } from 'node:crypto';
import type { Design } from '../design/types.js';
import type { ElfFile } from '../elf/index.js';
import type { VdsoImage } from '../vdso/index.js';
import type { Overlay } from '../world/options.js';
import type { OwnWindow } from './own-window.js';
import type { HandlerId, Scenario } from './scenarios.js';

/** What is swept: a scenario's program with a C library, a design laid over it, and a vDSO for a CPU. */
export interface Subject {
  /** Such as musl-1.2.3. */
  readonly libc: string;
  readonly design: Design;
  readonly vdso: VdsoImage;
  readonly scenario: Scenario;
  /** The program's own signal handler, see HANDLERS; null without one. */
  readonly handler: HandlerId | null;
  readonly program: ElfFile;
  readonly overlay: Overlay;
  /** Global symbols of the overlay with their addresses. */
  readonly overlaySymbols: ReadonlyMap<string, number>;
  /** Addresses of the design's symbols, in the overlay where it defines them. */
  readonly enter: number | null;
  readonly act: readonly number[];
  /** A program of the user's own, whose window is given by addresses; absent for the scenarios' programs. */
  readonly own?: OwnWindow;
}

/** Eight hexadecimal digits of a hash over every byte of code that can run: a token is for exactly this code. */
export function subjectHash({
  program,
  vdso,
  overlay,
  design,
}: Pick<Subject, 'program' | 'vdso' | 'overlay' | 'design'>): string {
  const hash = createHash('sha256');
  for (const bytes of [program.bytes, vdso.bytes]) hash.update(bytes);
  for (const { address, bytes } of [...overlay.segments, ...overlay.patches]) {
    hash.update(`@${address}:`);
    hash.update(bytes);
  }
  if (design.kernel !== undefined) hash.update(JSON.stringify(design.kernel));
  return hash.digest('hex').slice(0, 8);
}
