// `sigsweep matrix --explain DESIGN+SCENARIO`: the story of one cell.

import { findDesign } from '../../design/designs.js';
import { fitsLibc } from '../../design/types.js';
import { explainText } from '../../report/explain-text.js';
import { styleFor } from '../../report/style.js';
import { RULES } from '../../rules/judge.js';
import { findSubject } from '../../suite/catalog.js';
import { runCell } from '../../suite/cell.js';
import { SETUP } from '../../suite/folders.js';
import { Listing } from '../../suite/listing.js';
import { replay } from '../../suite/replay.js';
import { smallestCase } from '../../suite/smallest.js';
import { type CellId, verdictOf } from '../../suite/types.js';
import { InputError, UsageError } from '../errors.js';
import { EXIT, type Io } from '../io.js';

interface Where {
  /** The first of these that is there, and the first of these that the design is for. */
  readonly images: readonly string[];
  readonly libcs: readonly string[];
}

/** Ends with 0 when the cell is clean, 1 when it breaks a rule, 2 when it could not be judged. */
export function explain(name: string, where: Where, io: Io): number {
  const id = cellOf(name, where);
  const found = findSubject(id);
  if (!found.ok) throw found.missing ? new InputError(found.reason) : new UsageError(found.reason);
  const { subject } = found;
  const cell = runCell(id);
  if (cell.kind === 'skipped') throw new InputError(cell.reason);
  const index = smallestCase(cell);
  const point = cell.points.find((one) => one.index === index);
  if (point === undefined) throw new InputError(`${name} has no points: ${cell.missing.join(', ')}`);
  const again = replay({ id, choices: [{ index: point.index, action: 'cancel' }], code: cell.code });
  if (!again.ok) throw new InputError(again.reason);
  const broken = point.verdict.kind === 'violation' ? point.verdict.violations.map(({ rule }) => rule) : [];
  const listing = new Listing(subject);
  const story = {
    ...{ cell, point, replay: again.replay, listed: listing.of(cell.points) },
    name: (address: number) => listing.at(address).name,
    titles: { design: subject.design.title, scenario: subject.scenario.title },
    rules: RULES.filter((rule) => broken.includes(rule.id)),
  };
  io.out(explainText(story, styleFor(io.colour)));
  const verdict = verdictOf(cell);
  if (verdict === 'violation') return EXIT.violation;
  return verdict === 'clean' ? EXIT.clean : EXIT.inconclusive;
}

function cellOf(name: string, { images, libcs }: Where): CellId {
  const [designId = '', scenario = '', ...rest] = name.split('+');
  if (designId === '' || scenario === '' || rest.length > 0)
    throw new UsageError(`--explain takes DESIGN+SCENARIO, such as naive-vdso+read-empty, not ${name}`);
  const design = findDesign(designId);
  if (design === undefined) throw new UsageError(`no design ${designId} (all names: sigsweep matrix --list)`);
  const [vdso] = images;
  const fitting = libcs.find((one) => fitsLibc(design.libc, one));
  if (vdso === undefined) throw new InputError(`there are no vDSO images: get them with "${SETUP}"`);
  if (fitting === undefined) throw new UsageError(`design ${designId} is not for ${libcs.join(', ')}`);
  return { libc: fitting, design: designId, vdso, scenario };
}
