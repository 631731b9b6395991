// The file forms of trials, in blobs and baselines, checked when they are read.
import * as v from 'valibot';
import type { Trial } from './types.js';

const Text = v.string();
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Texts = v.array(Text);
const VERDICTS = ['clean', 'violation', 'inconclusive', 'incomplete', 'skipped'] as const;
const STATUSES = ['found', 'new', 'fixed', 'unchanged', 'not comparable'] as const;

const Key = v.object({ code: Text, scenario: Text, entry: Text });

const SideResult = v.object({
  ...{ label: Text, vdso: Text, form: Text, code: Text, verdict: v.picklist(VERDICTS) },
  ...{ planned: Count, executed: Count, reasons: Texts },
});

const Story = v.object({
  window: v.array(v.object({ name: Text, bytes: Text, text: Text, marked: v.boolean() })),
  timeline: Texts,
});

const finding = {
  ...{ fingerprint: v.pipe(Text, v.regex(/^[0-9a-f]{16}$/)), rule: Text, detail: Text, scenario: Text },
  ...{ symbol: Text, place: Text, instruction: Text, where: Text, points: Count },
};

const TrialSchema = v.object({
  key: Key,
  after: SideResult,
  before: v.nullable(SideResult),
  findings: v.array(
    v.object({
      ...finding,
      line: v.nullable(Count),
      story: v.nullable(Story),
      status: v.picklist(STATUSES),
    }),
  ),
});

const BaselineSchema = v.object({
  schema: v.literal(1),
  kind: v.literal('sigsweep-baseline'),
  what: Text,
  trials: v.array(v.object({ key: Key, complete: v.boolean(), findings: v.array(v.object(finding)) })),
});

/** What one version of the code has broken, by trial: what --save writes and --baseline reads. */
export type Baseline = v.InferOutput<typeof BaselineSchema>;

export type ReadResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

function read<T>(schema: v.GenericSchema<unknown, T>, value: unknown): ReadResult<T> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return { ok: true, value: parsed.output };
  const [issue] = parsed.issues;
  return { ok: false, reason: `${v.getDotPath(issue) ?? 'the file'}: ${issue.message}` };
}

export function readTrial(value: unknown): ReadResult<Trial> {
  return read<Trial>(TrialSchema, value);
}

export function readBaseline(value: unknown): ReadResult<Baseline> {
  return read(BaselineSchema, value);
}
