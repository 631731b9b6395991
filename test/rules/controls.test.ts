// Each rule on real runs: the shipped code keeps it at every point, and its control breaks it where the control says.
import { describe, expect, it } from 'vitest';
import { CONTROLS } from '../../src/design/designs.js';
import { RULES } from '../../src/rules/judge.js';
import { verdictOf } from '../../src/suite/types.js';
import { brokenRules, cellId, ownFunctions, stretches, subjectFor, sweptCell } from '../suite/cells.js';

/** Where each control breaks what, from the first point of the window to the last. */
const BROKEN: Readonly<Record<string, readonly string[]>> = {
  'no-check': [
    'user window+34 .. user __syscall_cp_asm+3: no-lost-cancel (39)',
    'user __cp_begin .. asleep __cp_begin+28: none (10)',
  ],
  'late-range': [
    'user window+34 .. user __cp_begin+33: none (50)',
    'entry __cp_begin+33 .. user __cp_begin+35: no-lost-effect (3)',
    'user __cp_end .. entry window+45: none (30)',
  ],
  'late-eintr': [
    'user window+34 .. user __cp_begin+34: none (58)',
    'entry __cp_begin+34 .. user __syscall_cp+43: no-lost-effect no-phantom-effect restart (19)',
    'user __syscall_cp+47 .. entry window+45: none (18)',
  ],
  'wrong-result': ['user window+34 .. asleep __cp_begin+34: act-once (53)'],
  anywhere: [
    'user window+34 .. user __kernel_vsyscall+5: act-once (46)',
    'entry __kernel_vsyscall+5 .. entry window+45: no-lost-effect act-once (29)',
  ],
  nested: [
    'user window+34 .. user __syscall_cp_asm+7: no-recursion (40)',
    'user __cp_begin .. user __cp_begin+34: none (11)',
    'entry __cp_begin+34 .. entry window+45: no-recursion (32)',
  ],
  'lost-ebx': [
    'user window+34 .. user __cp_begin+33: none (50)',
    'entry __cp_begin+33 .. entry window+45: registers (32)',
  ],
  'bad-stack': ['user window+34 .. asleep __cp_begin+33: no-fault (52)'],
  'no-restart': [
    'user window+34 .. user __kernel_vsyscall+5: none (42)',
    'entry __kernel_vsyscall+5 .. asleep __kernel_vsyscall+5: no-lost-effect disabled-untouched (2)',
    'woken __kernel_vsyscall+5 .. entry window+45: none (30)',
  ],
  'late-eintr-sleep': [
    'user window+34 .. asleep __cp_begin+34: none (98)',
    'woken __cp_begin+34 .. user __syscall_cp+43: restart (19)',
    'user __syscall_cp+47 .. entry window+45: none (32)',
  ],
  unmasked: [
    'user window+34 .. user __syscall_cp_asm+7: bounded (40)',
    'user __cp_begin .. asleep __cp_begin+34: none (13)',
  ],
};

describe('controls', () => {
  it('are there for each rule about every kernel, in the order of the rules', () => {
    // Rule unwind is broken by shipped code and by the entries rebuilt with old mistakes: test/unwind.
    const common = RULES.map(({ id }) => id).filter((id) => !id.startsWith('sticky-') && id !== 'unwind');
    expect([...new Set(CONTROLS.map(({ breaks }) => breaks.rule))]).toEqual(common);
  });

  for (const { id, title, breaks } of CONTROLS) {
    it(`${id}: ${breaks.rule} is broken when ${title}`, (context) => {
      const cell = sweptCell(cellId(id, breaks.scenario), context);
      expect(cell.missing).toEqual([]);
      expect(cell.executed).toBe(cell.planned);
      const { program } = subjectFor(cell.id, context);
      expect(stretches(cell, ownFunctions(program, breaks.scenario))).toEqual(BROKEN[id]);
      const rules = new Set(cell.points.flatMap(brokenRules));
      expect([...rules].sort()).toEqual([breaks.rule, ...(breaks.also ?? [])].sort());
    });
  }

  for (const scenario of new Set(CONTROLS.map(({ breaks }) => breaks.scenario))) {
    it(`musl's own code keeps every rule at every point of ${scenario}`, (context) => {
      const cell = sweptCell(cellId('pc-check', scenario), context);
      expect(verdictOf(cell)).toBe('clean');
      expect(cell.executed).toBe(cell.planned);
      expect(cell.points.filter(({ verdict }) => verdict.kind === 'pass')).toHaveLength(cell.planned);
    });
  }
});
