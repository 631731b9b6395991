// A program's window with and without merging: the same verdict at every point. The world that is swept has the program's own
// bytes, whatever stood in the one that looked for the places.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planProgram } from '../../src/check/program-input.js';
import type { SweepSide } from '../../src/check/types.js';
import { findDesign } from '../../src/design/designs.js';
import { parseElf } from '../../src/elf/index.js';
import { Session } from '../../src/explore/session.js';
import type { Subject } from '../../src/explore/subject.js';
import { sweepSubject } from '../../src/suite/cell.js';
import { makeSubject } from '../../src/suite/subject.js';
import { loadVdso } from '../../src/vdso/index.js';
import { scratch } from './assembly.js';
import { buildProgram } from './programs.js';

const folder = scratch();
afterAll(folder.remove);
const path = join(folder.path, 'reader');
const WINDOW = 'before_read..after_read';
const IMAGE = '6.1-686/sysenter';

function sideOf(): SweepSide {
  const choice = { libc: undefined, scenarios: [], images: [IMAGE] };
  const bytes = new Uint8Array(readFileSync(path));
  const planned = planProgram({ path, bytes, window: WINDOW, signal: undefined, args: [], choice });
  const [spec] = planned.ok ? planned.plan.specs : [];
  if (spec?.after.kind !== 'sweep') throw new Error('no trial');
  return spec.after;
}

function subjectOf({ design: id, image: { bytes, flavour }, own }: SweepSide): Subject {
  const [design, image] = [findDesign(id), loadVdso(bytes, { id: IMAGE, flavour })];
  const parsed = parseElf(new Uint8Array(readFileSync(path)), path);
  if (design === undefined || !image.ok || !parsed.ok || own === undefined) throw new Error('not found');
  const scenario = { id: WINDOW, title: WINDOW, reaches: [] };
  const made = makeSubject({
    libc: path,
    design,
    image: image.image,
    scenario,
    handler: null,
    program: parsed.elf,
  });
  if (!made.ok) throw new Error(made.reason);
  return { ...made.subject, own };
}

beforeAll(() => buildProgram('examples/program/reader.c', path));

describe('a window that is given by symbols', () => {
  it('has the same verdicts with every run taken to its end', () => {
    const subject = subjectOf(sideOf());
    const id = { libc: path, design: subject.design.id, vdso: IMAGE, scenario: WINDOW };
    const [merged, full] = [true, false].map((merge) => sweepSubject(subject, id, { merge }));
    expect(merged?.merged).toBeGreaterThan(0);
    expect([full?.merged, full?.points]).toEqual([0, merged?.points]);
  });

  it('begins in a world that is the program’s own, with the canceller at its place', () => {
    const subject = subjectOf(sideOf());
    const opened = Session.open(subject);
    if (!opened.ok) throw new Error(opened.reason);
    const { world, target } = opened.session;
    try {
      const { begin, deed } = subject.own ?? {};
      expect([world.current.tid, world.cpu.get('eip')]).toEqual([target, begin]);
      expect(world.tasks().map(({ parked }) => parked)).toEqual([1, null]);
      for (const address of [begin, deed?.kind === 'cancel' ? deed.hold : undefined])
        expect(world.cpu.read(address ?? 0, 1)?.[0]).not.toBe(0xcc);
      expect(world.history.some(({ kind }) => kind === 'fault' || kind === 'signal')).toBe(false);
    } finally {
      opened.session.close();
    }
  });
});
