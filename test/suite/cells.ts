// Cells for tests: a fixture that set-up could not get skips the test by name; nothing else does.
import type { TestContext } from 'vitest';
import type { ElfFile } from '../../src/elf/index.js';
import type { Moment } from '../../src/explore/points.js';
import { Session } from '../../src/explore/session.js';
import type { Subject } from '../../src/explore/subject.js';
import { findSubject } from '../../src/suite/catalog.js';
import { runCell } from '../../src/suite/cell.js';
import type { CellId, CellResult, PointResult } from '../../src/suite/types.js';
import type { RunRecord } from '../../src/world/record.js';

export type Swept = Extract<CellResult, { kind: 'swept' }>;

/** A vDSO whose bytes do not depend on the machine the tests run on. */
export const IMAGE = '6.1-686/sysenter';
export const MUSL = 'musl-1.2.3';

export function cellId(design: string, scenario: string, vdso = IMAGE): CellId {
  return { libc: MUSL, design, vdso, scenario };
}

export function sweptCell(id: CellId, context: TestContext): Swept {
  const cell = runCell(id);
  if (cell.kind === 'skipped') return context.skip(cell.reason);
  return cell;
}

export function subjectFor(id: CellId, context: TestContext): Subject {
  const found = findSubject(id);
  if (found.ok) return found.subject;
  if (found.missing) return context.skip(found.reason);
  throw new Error(found.reason);
}

/** Opens a session, hands it over and closes it. */
export function withSession<T>(subject: Subject, use: (session: Session) => T): T {
  const opened = Session.open(subject);
  if (!opened.ok) throw new Error(opened.reason);
  try {
    return use(opened.session);
  } finally {
    opened.session.close();
  }
}

/** `user __cp_begin+3`: a point without its address. */
export function pointName(point: {
  readonly moment: Moment;
  readonly place: { readonly name: string };
}): string {
  return `${point.moment} ${point.place.name}`;
}

/** A run's whole history as text: equal texts are equal histories, byte for byte. */
export function historyText({ history, ending }: RunRecord): string {
  return JSON.stringify([history, ending], (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  );
}

/**
 * Functions of the scenario's own C file. Their instructions come from the machine's compiler, so numbers that are to be the
 * same everywhere leave their points out.
 */
export function ownFunctions(program: ElfFile, scenario: string): ReadonlySet<string> {
  const names = new Set<string>();
  let mine = false;
  for (const { type, name } of program.symbols) {
    if (type === 'FILE') mine = name === `${scenario}.c`;
    else if (mine && type === 'FUNC') names.add(name);
  }
  return names;
}

export function isOwn({ place }: Pick<PointResult, 'place'>, own: ReadonlySet<string>): boolean {
  return place.object === 'program' && own.has(place.name.replace(/\+\d+$/, ''));
}

export function brokenRules({ verdict }: Pick<PointResult, 'verdict'>): string[] {
  return verdict.kind === 'violation' ? verdict.violations.map(({ rule }) => rule) : [];
}

/** Stretches of points that break the same rules: `first .. last: rules (points outside of the scenario's own code)`. */
export function stretches(cell: Swept, own: ReadonlySet<string>): string[] {
  const runs: { rules: string; first: string; last: string; count: number }[] = [];
  for (const point of cell.points.filter((one) => !isOwn(one, own))) {
    const rules = point.verdict.kind === 'inconclusive' ? point.verdict.reason : brokenRules(point).join(' ');
    const name = pointName(point);
    const open = runs.at(-1);
    if (open?.rules === rules) {
      open.last = name;
      open.count++;
    } else runs.push({ rules, first: name, last: name, count: 1 });
  }
  return runs.map(({ rules, first, last, count }) => `${first} .. ${last}: ${rules || 'none'} (${count})`);
}
