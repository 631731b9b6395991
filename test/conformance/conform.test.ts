// The model is Linux: the same program with the same signal at the same point, in the model and on the running kernel,
// leaves the same registers, frames, signal sets, results, output and status. `npm run conform` does every point.
import { describe, expect, test } from 'vitest';
import { conformProgram, describeMachine, totalsOf } from '../../src/native/conform.js';
import { type Model, startModel } from '../../src/native/pair.js';
import { sweepCase } from '../../src/native/sweep.js';
import { conform, hostImage, type ProgramName, programPath, readProgram, whyNot } from './setup.js';

/** Which part is done here: every nth instruction, and of which cases. */
const PARTS: readonly (readonly [ProgramName, number, string])[] = [
  ['restart', 30, 'read'],
  ['restart', 30, 'vread'],
  ['restart', 30, 'poll'],
  ['restart', 30, 'nanosleep'],
  ['restart', 30, 'futex'],
  ['frame', 12, ''],
  ['entry', 24, ''],
  ['edit', 24, ''],
  ['order', 50, 'free'],
  ['order', 30, 'blocked'],
  ['order', 30, 'self'],
  ['masks', 24, ''],
  ['stack', 16, ''],
  ['fault', 24, ''],
  ['sockets', 100, 'accept'],
  ['sockets', 100, 'Connect n'],
  ['locks', 100, 'flock'],
  ['locks', 100, 'setlkw n'],
  ['queues', 100, 'msgsnd'],
  ['queues', 100, 'semop n'],
  ['children', 100, 'wait4 n'],
  ['clone', 100, 'thread'],
  ['owner', 100, 'lock n'],
];

function modelOf(name: ProgramName, ...args: string[]): Model {
  const program = readProgram(name);
  const start = program.findSymbol('main')?.value;
  if (vdso === undefined || start === undefined) throw new Error(`${name} cannot be started`);
  const started = startModel({ program, path: programPath(name), args, vdso, start }, 'stepped');
  if (!started.ok) throw new Error(started.reason);
  return started.model;
}

const vdso = hostImage();
const machine = vdso === undefined ? undefined : describeMachine(vdso);
const reason = whyNot() ?? (machine?.ok === false ? machine.reason : null);

describe.skipIf(reason !== null)(`the running kernel${reason === null ? '' : `: skipped, ${reason}`}`, () => {
  test.each(PARTS)('agrees on %s, every %ith instruction, case %s', (name, stride, only) => {
    const report = conform(conformProgram, name, stride, only);
    expect(report.failed).toBeNull();
    expect(report.cases.flatMap(({ differences }) => differences)).toEqual([]);
    expect(report.cases.filter(({ incomplete }) => incomplete !== null)).toEqual([]);
    const { points, counts } = totalsOf([report]);
    expect(points).toBeGreaterThan(0);
    // Every point is one run, and each stepped case has one without a signal besides.
    const stepped = report.cases.filter(({ args }) => !args.includes('(free)'));
    expect(counts.runs).toBe(points + stepped.length);
    expect(counts.frames).toBeGreaterThan(0);
  });

  test('is not compared with where a signal stops the process, and that is said', () => {
    const started = modelOf('stack', 'edge');
    try {
      const stop = [{ sig: 19, to: 'thread' }] as const;
      const { incomplete, differences } = sweepCase(started, {
        signals: [stop],
        describe: String,
        stride: 50,
      });
      expect(incomplete).toMatch(/stop.* is not (?:modelled|compared)/);
      expect(differences).toEqual([]);
    } finally {
      started.world.close();
    }
  });
});
