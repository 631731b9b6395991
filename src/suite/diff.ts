// What changed between two versions of a C library or of the vDSO: the same cells with the one and with the other.
import { findDesign } from '../design/designs.js';
import { type Design, fitsLibc } from '../design/types.js';
import { allImages, allLibcs } from './catalog.js';
import { defaultImages, USUAL_DESIGNS, unknownIn } from './plan.js';
import { type CellId, type CellResult, verdictOf, violating } from './types.js';

export interface DiffRequest {
  readonly from: string;
  readonly to: string;
  /** Absent: every library's own code, and naive-vdso where it fits both. */
  readonly designs?: readonly string[];
  readonly scenarios: readonly string[];
  /** For two C libraries; absent: the newest of the default images. */
  readonly images?: readonly string[];
  /** For two images. */
  readonly libcs: readonly string[];
}

export interface DiffPair {
  readonly before: CellId;
  readonly after: CellId;
}

export type DiffPlan =
  | { readonly ok: true; readonly pairs: readonly DiffPair[] }
  | { readonly ok: false; readonly reason: string };

/** The cells to compare, in a fixed order. */
export function planDiff(request: DiffRequest): DiffPlan {
  const { from, to } = request;
  const unknown = [from, to].find((name) => !allLibcs().includes(name) && variantsOf(name).length === 0);
  if (unknown !== undefined)
    return { ok: false, reason: `no C library and no vDSO image is called ${unknown}` };
  const libcs = [from, to].filter((name) => allLibcs().includes(name)).length;
  if (libcs === 1)
    return { ok: false, reason: `${from} and ${to} are a C library and a vDSO image: give two of a kind` };
  const { designs = [], scenarios, images = [] } = request;
  const reason = unknownIn({ designs, scenarios, images, libcs: request.libcs });
  if (reason !== undefined) return { ok: false, reason };
  if (libcs === 0 && images.length > 0)
    return {
      ok: false,
      reason: `${from} and ${to} are the images to compare: --vdso is for two C libraries`,
    };
  const pairs = libcs === 2 ? libcPairs(request) : imagePairs(request);
  if (pairs.length === 0)
    return { ok: false, reason: `${from} and ${to} have nothing in common: no design, or no kind of CPU` };
  return { ok: true, pairs };
}

function designsOf({ designs }: DiffRequest): readonly Design[] {
  return designs === undefined ? USUAL_DESIGNS : designs.flatMap((id) => findDesign(id) ?? []);
}

/** Designs that fit both, and what each ships as its own where that differs. */
function libcPairs(request: DiffRequest): DiffPair[] {
  const { from, to, scenarios, images = defaultImages().slice(-1) } = request;
  const fitting = (libc: string) => designsOf(request).filter((design) => fitsLibc(design.libc, libc));
  const common = fitting(from).filter((design) => fitting(to).includes(design));
  const [own, other] = [from, to].map((libc) => fitting(libc).find(({ folder }) => folder === null));
  const columns = common.map((design) => [design, design] as const);
  if (own !== undefined && other !== undefined && own !== other) columns.unshift([own, other]);
  return images.flatMap((vdso) =>
    columns.flatMap(([before, after]) =>
      scenarios.map((scenario) => ({
        before: { libc: from, design: before.id, vdso, scenario },
        after: { libc: to, design: after.id, vdso, scenario },
      })),
    ),
  );
}

function imagePairs(request: DiffRequest): DiffPair[] {
  const { from, to, scenarios, libcs } = request;
  const after = new Map(variantsOf(to).map((image) => [image.cpu, image.id]));
  return variantsOf(from).flatMap(({ id, cpu }) => {
    const other = after.get(cpu);
    if (other === undefined) return [];
    return libcs.flatMap((libc) =>
      designsOf(request)
        .filter((design) => fitsLibc(design.libc, libc))
        .flatMap((design) =>
          scenarios.map((scenario) => ({
            before: { libc, design: design.id, vdso: id, scenario },
            after: { libc, design: design.id, vdso: other, scenario },
          })),
        ),
    );
  });
}

/** An image by its id, or all CPU variants of one by the part before the slash. */
function variantsOf(name: string) {
  return allImages().flatMap((listed) =>
    listed.ok && (listed.id === name || listed.id.startsWith(`${name}/`)) ? [listed.image] : [],
  );
}

/**
 * `code`: both execute the same code, so nothing can have changed. `points`: verdict and broken rules are the same, the
 * number of points is not. `findings`: other rules are broken, or from another function on.
 */
export type Change = 'verdict' | 'findings' | 'points' | 'nothing' | 'code';

export interface CellDiff {
  readonly before: CellResult;
  readonly after: CellResult;
  readonly change: Change;
}

export function changeOf(before: CellResult, after: CellResult): Change {
  if (verdictOf(before) !== verdictOf(after)) return 'verdict';
  if (before.kind === 'skipped' || after.kind === 'skipped') return 'nothing';
  if (isSameCode(before, after)) return 'code';
  if (JSON.stringify(brokenIn(before)) !== JSON.stringify(brokenIn(after))) return 'findings';
  const counts = ({ executed }: typeof before, cell: CellResult) => `${executed} ${violating(cell).length}`;
  return counts(before, before) === counts(after, after) ? 'nothing' : 'points';
}

type Swept = Extract<CellResult, { kind: 'swept' }>;

function isSameCode(before: Swept, after: Swept): boolean {
  const [one, other] = [before, after].map(({ id, sameCodeAs }) => JSON.stringify(sameCodeAs ?? id));
  return one === other;
}

/** Broken rules with the function of their first point: offsets in it change with every build. */
function brokenIn(cell: Swept): [rule: string, first: string][] {
  const broken = new Map<string, string>();
  for (const { verdict, place } of violating(cell)) {
    if (verdict.kind !== 'violation') continue;
    for (const { rule } of verdict.violations)
      if (!broken.has(rule)) broken.set(rule, place.name.replace(/\+\d+$/, ''));
  }
  return [...broken];
}
