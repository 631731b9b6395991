// What the inputs of a check come to: trials to be run, and what could not be made into one.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DESIGNS } from '../design/designs.js';
import { type Design, fitsLibc, type GivenSources } from '../design/types.js';
import { findScenario, USUAL_SCENARIOS } from '../explore/scenarios.js';
import { allImages, allLibcs, CACHE } from '../suite/catalog.js';
import { SETUP } from '../suite/folders.js';
import type { VdsoImage } from '../vdso/index.js';
import type { SweepSide, TrialSpec } from './types.js';

export interface CheckPlan {
  readonly what: string;
  readonly against: string | null;
  readonly file: string | null;
  readonly specs: readonly TrialSpec[];
  readonly gaps: readonly string[];
}

export type PlanResult =
  | { readonly ok: true; readonly plan: CheckPlan }
  /** `usage`: a mistake in the words of the command; else something that is not there or not readable. */
  | { readonly ok: false; readonly usage: boolean; readonly reason: string };

/** What every input may be narrowed by. */
export interface CheckChoice {
  /** A shipped C library; undefined: the input's own default. */
  readonly libc: string | undefined;
  /** Empty: those that every cancellation point meets. */
  readonly scenarios: readonly string[];
  /** Ids of shipped images; empty: the default one. */
  readonly images: readonly string[];
}

export function refuse(reason: string, usage = false): Extract<PlanResult, { ok: false }> {
  return { ok: false, usage, reason };
}

export const DEFAULT_LIBC = 'musl-1.2.3';
/** The form of entry that most machines have; int $0x80 itself does not depend on the image. */
const DEFAULT_IMAGES = ['6.1-686/sysenter', '6.19-amd64/syscall', 'host'];

export function scenariosOf({ scenarios }: CheckChoice): string[] | string {
  if (scenarios.length === 0) return USUAL_SCENARIOS.map(({ id }) => id);
  const unknown = scenarios.find((id) => findScenario(id) === undefined);
  return unknown === undefined ? [...scenarios] : `no scenario ${unknown}: sigsweep matrix --list`;
}

/** The chosen images, or a reason why not. */
export function imagesOf({ images }: CheckChoice): VdsoImage[] | string {
  const usable = allImages().flatMap((entry) => (entry.ok ? [entry.image] : []));
  if (usable.length === 0) return `there are no vDSO images: get them with "${SETUP}"`;
  if (images.length === 0) {
    const wanted = DEFAULT_IMAGES.find((id) => usable.some((image) => image.id === id));
    return usable.filter(({ id }) => id === (wanted ?? usable[0]?.id));
  }
  if (images.includes('all')) return usable;
  const unknown = images.find((id) => !usable.some((image) => image.id === id));
  if (unknown !== undefined) return `no vDSO image ${unknown}: sigsweep vdso lists them`;
  return usable.filter(({ id }) => images.includes(id));
}

export function libcOf({ libc = DEFAULT_LIBC }: CheckChoice): string | { readonly reason: string } {
  const known = allLibcs();
  return known.includes(libc)
    ? libc
    : {
        reason: `no C library ${libc}; there are ${known.join(', ') || `none: run ${SETUP}`}`,
      };
}

/** The design that is a library's own code. */
export function ownDesign(libc: string): Design | undefined {
  return DESIGNS.find((design) => design.folder === null && fitsLibc(design.libc, libc));
}

export function shippedProgram(libc: string, scenario: string): string {
  return join(CACHE, 'programs', libc, 'cancel', scenario);
}

export function entryOf({ flavour, cpu }: Pick<VdsoImage, 'flavour' | 'cpu'>): string {
  return `${flavour}/${cpu}`;
}

export interface SideParts {
  readonly label: string;
  readonly libc: string;
  readonly program: string;
  readonly design: string;
  readonly given: GivenSources | null;
  readonly lines?: ReadonlyMap<number, number>;
  readonly image: VdsoImage;
}

const NO_LINES: ReadonlyMap<number, number> = new Map();

export function sweepSideOf({
  image: { id, bytes, flavour },
  lines = NO_LINES,
  ...rest
}: SideParts): SweepSide {
  return { kind: 'sweep', ...rest, lines, image: { id, bytes, flavour } };
}

/** A shipped library's own code in one scenario; its program has to be there. */
export function shippedSide(libc: string, scenario: string, image: VdsoImage): SweepSide | null {
  const design = ownDesign(libc);
  const program = shippedProgram(libc, scenario);
  if (design === undefined || !existsSync(program)) return null;
  return sweepSideOf({ label: `${libc} as shipped`, libc, program, design: design.id, given: null, image });
}

/** musl or glibc: what stays the same between two versions. */
export function familyOf(libc: string): string {
  return libc.replace(/-.*$/, '');
}
