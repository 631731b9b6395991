import { wanted } from '../../scripts/lib/wanted.mjs';
import { DESIGNS, findDesign } from '../design/designs.js';
import { switchHint } from '../design/sticky.js';
import { type Design, fitsLibc } from '../design/types.js';
import { findScenario } from '../explore/scenarios.js';
import { isRebuilt } from '../vdso/index.js';
import { allImages, allLibcs } from './catalog.js';
import { SETUP } from './folders.js';
import type { CellId } from './types.js';

/** Which cells a matrix has. */
export interface MatrixRequest {
  readonly designs: readonly string[];
  readonly scenarios: readonly string[];
  readonly images: readonly string[];
  readonly libcs: readonly string[];
}

export type MatrixPlan =
  | { readonly ok: true; readonly ids: readonly CellId[]; readonly designs: readonly Design[] }
  | { readonly ok: false; readonly reason: string };

/** The question in its shortest form: every library's own code, and the naive way that must fail. */
export const USUAL_DESIGNS: readonly Design[] = DESIGNS.filter(
  ({ id, folder }) => folder === null || id === 'naive-vdso',
);
/** The ten ways of the 2016 discussion, and the reading of sticky signals that works. */
export const DEFAULT_DESIGNS: readonly string[] = [
  ...['pc-check', 'async-window', 'pc-check-glibc', 'naive-vdso', 'unwind', 'vdso-helpers', 'sticky-flag'],
  ...['sticky-signal', 'sticky-working', 'sync-signal', 'fatal-like'],
];

/** One for each design that is a library's own code; without its programs a cell is skipped, and the report says so. */
export const DEFAULT_LIBCS: readonly string[] = ['musl-1.2.3', 'glibc-2.36', 'glibc-2.41'];

/** Of the default set, whatever else was fetched: the default matrix is the same on every machine. */
const USUAL = new Set(wanted.flatMap(({ id, default: isDefault }) => (isDefault ? [id] : [])));

/**
 * One image for each form of entry, as shipped: forms that had to be rebuilt are left out. Both kinds of kernel are among
 * them: the first is an i386 one, which has no syscall.
 */
export function defaultImages(): string[] {
  const seen = new Set<string>();
  const shipped = allImages().filter(({ id }) => !isRebuilt(id));
  const isUsual = ({ id }: { readonly id: string }) => USUAL.has(id.replace(/\/.*/, ''));
  const chosen = [...shipped.filter(isUsual), ...shipped].filter((image) => {
    const key = image.ok ? image.image.form : image.id;
    return !seen.has(key) && seen.add(key);
  });
  return shipped.filter((image) => chosen.includes(image)).map(({ id }) => id);
}

function unknownOf(names: readonly string[], known: (name: string) => boolean): string | undefined {
  return names.find((name) => !known(name));
}

/** What of a request has no such name; undefined when all is known. */
export function unknownIn(request: MatrixRequest): string | undefined {
  const design = unknownOf(request.designs, (id) => findDesign(id) !== undefined);
  if (design !== undefined) return `no design ${design}${switchHint(design)}`;
  const scenario = unknownOf(request.scenarios, (id) => findScenario(id) !== undefined);
  if (scenario !== undefined) return `no scenario ${scenario}`;
  const image = unknownOf(request.images, (id) => allImages().some((one) => one.id === id));
  if (image !== undefined) return `no vDSO image ${image}: sigsweep vdso lists them`;
  const libcs = [...new Set([...allLibcs(), ...DEFAULT_LIBCS])];
  const libc = unknownOf(request.libcs, (id) => libcs.includes(id));
  return libc === undefined ? undefined : `no C library ${libc}; there are ${libcs.join(', ') || 'none'}`;
}

/** Every combination that fits together: a design is for programs of its C library. */
export function planMatrix(request: MatrixRequest): MatrixPlan {
  const reason = unknownIn(request);
  if (reason !== undefined) return { ok: false, reason };
  const designs = request.designs.flatMap((id) => findDesign(id) ?? []);
  const ids = request.libcs.flatMap((libcId) =>
    request.images.flatMap((vdso) =>
      designs
        .filter((one) => fitsLibc(one.libc, libcId))
        .flatMap((one) =>
          request.scenarios.map((id) => ({ libc: libcId, design: one.id, vdso, scenario: id })),
        ),
    ),
  );
  if (ids.length === 0 && allImages().length === 0)
    return { ok: false, reason: `nothing is set up: run ${SETUP}` };
  if (ids.length === 0)
    return { ok: false, reason: 'nothing to sweep: no design fits these C libraries and images' };
  return { ok: true, ids, designs };
}
