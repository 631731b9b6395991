// What machines read: every --json is one document of the schema below, and nothing else is on standard output.
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../src/rules/judge.js';
import { IMAGE, MATRIX, sigsweep } from './text.js';

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Text = v.pipe(v.string(), v.minLength(1));
const Verdict = v.picklist(['clean', 'violation', 'inconclusive', 'incomplete', 'skipped']);
const Moment = v.picklist(['user', 'entry', 'asleep', 'woken', 'exit']);
const RuleId = v.picklist(RULES.map(({ id }) => id));

const Finding = v.strictObject({
  rule: RuleId,
  detail: Text,
  points: Count,
  first: v.strictObject({ index: Count, moment: Moment, place: Text, call: v.nullable(Text) }),
  token: v.pipe(v.string(), v.regex(/^[^+]+(\+[^+]+){4}\+[0-9a-f]{8}$/)),
});

const Point = v.object({ index: Count, moment: Moment, verdict: v.object({ kind: Text }) });

const cell = {
  ...{ libc: Text, design: Text, vdso: Text, scenario: Text, verdict: Verdict },
  ...{ form: Text, cpu: Text, code: v.pipe(v.string(), v.regex(/^[0-9a-f]{8}$/)) },
  ...{ planned: Count, executed: Count, merged: Count, violating: Count },
  missing: v.array(Text),
  findings: v.array(Finding),
  sameCodeAs: v.optional(v.strictObject({ libc: Text, design: Text, vdso: Text, scenario: Text })),
};

const Matrix = v.strictObject({ schema: v.literal(1), cells: v.array(v.strictObject(cell)) });
const Sweep = v.strictObject({
  schema: v.literal(1),
  cells: v.array(v.strictObject({ ...cell, points: v.array(Point) })),
});
const Named = v.strictObject({ id: Text, title: Text });
const Offsets = { landingPad: Count, restart: Count };

const SCHEMAS = {
  choices: v.strictObject({
    schema: v.literal(1),
    designs: v.array(Named),
    controls: v.array(Named),
    scenarios: v.array(Named),
    images: v.array(v.strictObject({ id: Text, title: Text, default: v.boolean() })),
    libcs: v.array(Text),
  }),
  images: v.strictObject({
    schema: v.literal(1),
    images: v.array(
      v.strictObject({
        ...{ id: Text, form: Text, cpu: Text, flavour: Text, release: v.nullable(Text) },
        ...Offsets,
      }),
    ),
    unusable: v.array(v.strictObject({ id: Text, reason: Text })),
  }),
  code: v.strictObject({
    schema: v.literal(1),
    ...{ id: Text, form: Text, cpu: Text, flavour: Text },
    origin: v.nullable(
      v.strictObject({ release: Text, package: v.optional(Text), version: v.optional(Text) }),
    ),
    code: v.array(
      v.strictObject({
        ...{ offset: Count, bytes: Text, text: Text },
        marks: v.array(v.picklist(['trap', 'landing pad', 'restart'])),
      }),
    ),
  }),
  names: v.strictObject({
    schema: v.literal(1),
    file: Text,
    images: v.array(
      v.strictObject({
        size: Count,
        flavour: Text,
        variants: v.array(v.strictObject({ patchedFor: v.nullable(Text), form: Text, ...Offsets })),
      }),
    ),
  }),
  doctor: v.strictObject({
    schema: v.literal(1),
    ok: v.boolean(),
    facts: v.array(
      v.strictObject({
        ...{ id: Text, what: Text, detail: v.string(), fix: v.string() },
        state: v.picklist(['ok', 'missing', 'skipped']),
      }),
    ),
    controls: v.array(
      v.strictObject({ id: Text, what: Text, expected: Verdict, got: Text, ok: v.boolean() }),
    ),
  }),
};

async function document<T extends v.GenericSchema>(schema: T, ...argv: string[]): Promise<v.InferOutput<T>> {
  const { out, err } = await sigsweep([...argv, '--json']);
  expect(err).toBe('');
  expect(out.endsWith('}\n')).toBe(true);
  return v.parse(schema, JSON.parse(out));
}

describe('--json', () => {
  it('of a matrix has every cell with its counts and tokens', async () => {
    const { cells } = await document(Matrix, ...MATRIX);
    expect(cells.map(({ design, verdict }) => [design, verdict])).toEqual([
      ['pc-check', 'clean'],
      ['naive-vdso', 'violation'],
    ]);
    expect(cells.every(({ planned, executed }) => planned === executed)).toBe(true);
  });

  it('of a sweep has every point, and as many violating ones as it says', async () => {
    const { cells } = await document(
      Sweep,
      ...['sweep', 'read-empty', '--vdso', IMAGE, '--design', 'naive-vdso'],
    );
    const [swept] = cells;
    expect(swept?.points.length).toBe(swept?.executed);
    expect(swept?.points.filter(({ verdict }) => verdict.kind === 'violation').length).toBe(swept?.violating);
  });

  it('of the names, the images, their code and a file', async () => {
    expect((await document(SCHEMAS.choices, 'matrix', '--list')).scenarios.length).toBeGreaterThan(10);
    expect((await document(SCHEMAS.images, 'vdso')).images.length).toBeGreaterThan(3);
    expect((await document(SCHEMAS.code, 'vdso', 'show', IMAGE)).id).toBe(IMAGE);
    expect(await document(SCHEMAS.names, 'vdso', 'name', 'fixtures/cache/vdso/6.1-686.so')).toMatchObject({
      images: [{ flavour: 'i386' }],
    });
  });

  it('of the doctor has the facts and both controls', async () => {
    const { controls } = await document(SCHEMAS.doctor, 'doctor');
    expect(controls.map(({ id, ok }) => [id, ok])).toEqual([
      ['positive', true],
      ['negative', true],
    ]);
  });

  it('of a token out of it replays', async () => {
    const { cells } = await document(
      Sweep,
      ...['sweep', 'read-empty', '--vdso', IMAGE, '--design', 'naive-vdso'],
    );
    const token = cells[0]?.findings[0]?.token ?? '';
    const { code, out } = await sigsweep(['replay', token, '--events']);
    expect(code).toBe(1);
    expect(out).toMatch(/violation of no-lost-cancel/);
  });
});
