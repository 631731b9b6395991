// The code that a cell's runs execute, as a hash. Kernels of many versions carry the same entry code in different files, at
// different offsets: cells that execute the same code are swept once (share.ts).
//
// What is executed is found by executing it: the window without a cancellation, and runs to the end with one at a few
// points. The frame description of the entry is part of the key, as designs read it, and so is the program's data.
import { createHash, type Hash } from 'node:crypto';
import { readFileFrames } from '../cfi/index.js';
import type { ElfFile } from '../elf/index.js';
import { recorded } from '../explore/choices.js';
import { type Point, walk } from '../explore/points.js';
import { runWith } from '../explore/run.js';
import { Session } from '../explore/session.js';
import { type Subject, subjectHash } from '../explore/subject.js';
import { pageUp } from '../kernel/mm/types.js';
import { VDSO_END } from '../world/layout.js';
import { findSubject } from './catalog.js';
import { Listing } from './listing.js';
import type { CellId } from './types.js';

/** Plain data: it comes out of a worker. */
export interface Executed {
  /** Equal for cells that execute the same code. */
  readonly key: string;
  /** Hash of the whole files, as in tokens. */
  readonly code: string;
  /** Where the functions of the cell's vDSO are mapped, by name. */
  readonly functions: Readonly<Record<string, number>>;
}

/** Null when the cell cannot be run: it then speaks for itself. */
export function executedCode(id: CellId): Executed | null {
  const found = findSubject(id);
  if (!found.ok) return null;
  const { subject } = found;
  const opened = Session.open(subject);
  if (!opened.ok) return null;
  try {
    const hash = createHash('sha256');
    const { vdso, design } = subject;
    const pads = [vdso.landingPad, vdso.restart, vdso.fastReturn].map((at) => at - vdso.vsyscall);
    hash.update(
      JSON.stringify([vdso.flavour, vdso.cpu, pads, id.design, design.kernel, id.scenario, id.handler]),
    );
    hash.update(JSON.stringify(entryFrames(vdso)));
    hashData(hash, subject.program);
    for (const line of instructions(opened.session, subject)) hash.update(line);
    return { key: hash.digest('hex'), code: subjectHash(subject), functions: functionsOf(subject) };
  } finally {
    opened.session.close();
  }
}

/** Every instruction that was executed, once: the vDSO's by their functions, all others by their addresses. */
function instructions(session: Session, subject: Subject): string[] {
  const listing = new Listing(subject);
  const executed = new Set<number>();
  session.tracer = (_tid, eip) => executed.add(eip);
  const start = session.snapshot();
  const points = [...walk(session)];
  for (const { index } of telling(points, (at) => listing.at(at).object === 'vdso')) {
    session.restore(start);
    runWith(session, recorded([{ index, action: 'cancel' }]));
  }
  session.discard(start);
  return [...executed]
    .map((at) => listing.at(at))
    .map(({ object, name, address, bytes }) => `${object} ${object === 'vdso' ? name : address} ${bytes}\n`)
    .sort();
}

/** Points whose runs differ most: the first and the last, the first in the vDSO and the first asleep. */
function telling(points: readonly Point[], inVdso: (address: number) => boolean): Point[] {
  const chosen = [
    points[0],
    points.find(({ moment, address }) => moment === 'user' && inVdso(address)),
    points.find(({ moment }) => moment === 'asleep'),
    points.at(-1),
  ];
  return [...new Set(chosen)].flatMap((point) => point ?? []);
}

/** The rows of the frame description of __kernel_vsyscall, by offset in it. */
function entryFrames({ elf, base, vsyscall }: Subject['vdso']): unknown[] {
  const at = base + vsyscall;
  return readFileFrames(elf).tables.flatMap(({ rows }) =>
    rows
      .filter(({ fde }) => fde.start.address <= at && at < fde.start.address + fde.size)
      .map(({ fde, rows: own, problem }) => [
        fde.cie.signalFrame,
        problem?.message,
        own.map((row) => [row.address - at, row.cfa, [...row.registers]]),
      ]),
  );
}

const SHF_ALLOC = 2;
const SHF_EXECINSTR = 4;

function hashData(hash: Hash, { sections, bytes }: ElfFile): void {
  for (const { flags, addr, offset, size } of sections) {
    if ((flags & (SHF_ALLOC | SHF_EXECINSTR)) !== SHF_ALLOC) continue;
    hash.update(`@${addr}:${size}:`);
    hash.update(bytes.subarray(offset, offset + size));
  }
}

function functionsOf({ vdso: { elf, base, bytes } }: Subject): Record<string, number> {
  const mapped = VDSO_END - pageUp(bytes.length);
  return Object.fromEntries(elf.symbols.map(({ name, value }) => [name, mapped + value - base]));
}
