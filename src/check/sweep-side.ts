// Sweeps one version of the code in one scenario.
import { readFileSync } from 'node:fs';
import { findDesign } from '../design/designs.js';
import type { Design } from '../design/types.js';
import { type ElfFile, parseElf } from '../elf/index.js';
import { undisturbed } from '../explore/choices.js';
import { endingText } from '../explore/endings.js';
import { runWith } from '../explore/run.js';
import { findScenario } from '../explore/scenarios.js';
import { Session } from '../explore/session.js';
import type { Subject } from '../explore/subject.js';
import { timeline } from '../report/trace-text.js';
import { sweepSubject } from '../suite/cell.js';
import { Listing } from '../suite/listing.js';
import { replayOn } from '../suite/replay.js';
import { makeSubject, type SubjectResult } from '../suite/subject.js';
import { type CellResult, type PointResult, verdictOf } from '../suite/types.js';
import { loadVdso } from '../vdso/index.js';
import { OVERLAY_BASE } from '../world/layout.js';
import type { Judged } from './compare.js';
import { findingsIn } from './findings.js';
import type { Finding, SideResult, Story, SweepSide } from './types.js';

type Swept = Extract<CellResult, { kind: 'swept' }>;

const programs = new Map<string, ElfFile>();

function readProgram(path: string): ElfFile | string {
  const known = programs.get(path);
  if (known !== undefined) return known;
  const parsed = parseElf(new Uint8Array(readFileSync(path)), path);
  if (!parsed.ok) return parsed.error.message;
  programs.set(path, parsed.elf);
  return parsed.elf;
}

function subjectOf(side: SweepSide, scenarioId: string): SubjectResult {
  const refused = (reason: string): SubjectResult => ({ ok: false, missing: false, reason });
  const { own } = side;
  const design = findDesign(side.design) ?? (own === undefined ? undefined : PLAIN);
  const scenario =
    own === undefined ? findScenario(scenarioId) : { id: scenarioId, title: scenarioId, reaches: [] };
  if (design === undefined || scenario === undefined) return refused(`no ${side.design} or ${scenarioId}`);
  const program = readProgram(side.program);
  if (typeof program === 'string') return refused(program);
  const { id, bytes, flavour } = side.image;
  const image = loadVdso(bytes, { id, flavour });
  if (!image.ok) return refused(image.error.message);
  const laid = side.given === null ? design : { ...design, given: side.given };
  const made = makeSubject({
    ...{ libc: side.libc, design: laid, image: image.image, scenario, handler: null, program },
  });
  return made.ok && own !== undefined ? { ok: true, subject: { ...made.subject, own } } : made;
}

/** Of a program that has no cancellation points: nothing is laid over it, and none is watched. */
const PLAIN: Design = {
  id: 'program',
  title: 'a program as it is',
  libc: { name: 'musl' },
  folder: null,
  symbols: { enter: null, act: [], signal: 0 },
};

function reasonsOf(cell: Swept): string[] {
  const unjudged = cell.points.flatMap(({ verdict }) =>
    verdict.kind === 'inconclusive' ? [`inconclusive: ${verdict.reason}`] : [],
  );
  const none = cell.executed === 0 && cell.missing.length === 0 ? ['no point was run'] : [];
  return [...cell.missing.map((what) => `not reached: ${what}`), ...none, ...new Set(unjudged)];
}

const AROUND = 3;

/** Runs the first point of a finding again and writes down what happens. */
function storyOf(cell: Swept, first: PointResult, subject: Subject, listing: Listing): Story | null {
  const choices = [{ index: first.index, action: 'cancel' as const }];
  const again = replayOn(subject, { id: cell.id, choices, code: cell.code });
  if (!again.ok) return null;
  const lines = listing.of(cell.points).map(({ line }) => line);
  const at = lines.findIndex(({ address }) => address === first.place.address);
  const window = lines.slice(Math.max(0, at - AROUND), at + AROUND + 1);
  return {
    window: window.map(({ address, name, bytes, text }) => ({
      ...{ name, bytes, text, marked: address === first.place.address },
    })),
    timeline: timeline(again.replay, (address) => listing.at(address).name),
  };
}

/** The line whose code the address lies in: what a macro makes is all on the line that calls it. */
function lineOf(lines: ReadonlyMap<number, number>, { place }: PointResult): number | null {
  if (place.object !== 'overlay') return null;
  const offset = place.address - OVERLAY_BASE;
  const at = [...lines.keys()].filter((start) => start <= offset);
  return at.length === 0 ? null : (lines.get(Math.max(...at)) ?? null);
}

/** `known`: findings that nobody needs to be told about; of the others the first of each rule gets its story. */
export function sweepSide(side: SweepSide, scenario: string, known: ReadonlySet<string>): Judged {
  const found = subjectOf(side, scenario);
  if (!found.ok) return { result: unswept(side, found.reason), findings: [] };
  const { subject } = found;
  const fault = side.own === undefined ? null : faultUndisturbed(subject);
  if (fault !== null) return { result: unswept(side, fault), findings: [] };
  const id = { libc: side.libc, design: side.design, vdso: side.image.id, scenario };
  const cell = sweepSubject(subject, id);
  const listing = new Listing(subject);
  const told = new Set<string>();
  const findings = findingsIn(cell, listing, scenario).map((one): Finding => {
    const { first } = one;
    const finding = { ...one.finding, line: lineOf(side.lines, first) };
    if (known.has(finding.fingerprint) || told.has(finding.rule)) return finding;
    told.add(finding.rule);
    return { ...finding, story: storyOf(cell, first, subject, listing) };
  });
  const { planned, executed, code, form } = cell;
  const result = { label: side.label, vdso: side.image.id, form, code, verdict: verdictOf(cell) };
  return { result: { ...result, planned, executed, reasons: reasonsOf(cell) }, findings };
}

/** A program that ends badly by itself says nothing when it is interrupted. One that waits for a request need not end. */
function faultUndisturbed(subject: Subject): string | null {
  const opened = Session.open(subject);
  if (!opened.ok) return `not reached: ${opened.reason}`;
  try {
    const { ending } = runWith(opened.session, undisturbed).run;
    const fine = ending.kind === 'deadlock' || ending.kind === 'parked';
    if (fine || (ending.kind === 'ended' && ending.exit.kind === 'exited' && ending.exit.status === 0))
      return null;
    return `undisturbed, the program has to end with exit status 0 or to wait for ever: ${endingText(ending)}`;
  } finally {
    opened.session.close();
  }
}

export function unswept({ label, image }: Pick<SweepSide, 'label' | 'image'>, reason: string): SideResult {
  const nothing = { verdict: 'incomplete', planned: 0, executed: 0 } as const;
  return { label, vdso: image.id, form: '', code: '', ...nothing, reasons: [reason] };
}
