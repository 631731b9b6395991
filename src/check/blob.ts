// Blobs: the results of one shard of a plan, a line each as soon as it is there, so that an interrupted run loses nothing
// that was judged. The first line says of which plan they are.
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import type { ReadResult } from './schema.js';

const Header = v.object({
  sigsweep: v.literal('blob'),
  schema: v.literal(1),
  kind: v.literal('check'),
  /** Hash of everything the plan depends on: blobs of one plan belong together. */
  plan: v.string(),
  /** What the report says besides its results. */
  about: v.unknown(),
  /** Every item of the plan, in its order. */
  keys: v.array(v.string()),
});
const Line = v.object({ at: v.pipe(v.number(), v.integer(), v.minValue(0)), result: v.unknown() });

export type BlobHeader = v.InferOutput<typeof Header>;

export interface Blob {
  readonly header: BlobHeader;
  /** By the item's place in the plan. */
  readonly results: ReadonlyMap<number, unknown>;
}

/** A part of a plan: the index counts from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export function parseShard(text: string): Shard | null {
  const [, index, count] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  return shard.index >= 1 && shard.index <= shard.count ? shard : null;
}

/** By the item's own name, whatever else is in the plan: adding an item moves no other one to another shard. */
export function inShard(key: string, { index, count }: Shard): boolean {
  const hash = createHash('sha256').update(key).digest();
  return hash.readUInt32BE(0) % count === index - 1;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A last line that was cut off by whatever ended the run is left out: its item is run again. */
export function parseBlob(text: string): ReadResult<Blob> {
  const [first = '', ...lines] = text.split('\n');
  const header = v.safeParse(Header, json(first));
  if (!header.success) return { ok: false, reason: 'it is no blob of a sigsweep shard' };
  const results = new Map<number, unknown>();
  for (const line of lines.filter((one) => one !== '')) {
    const parsed = v.safeParse(Line, json(line));
    if (parsed.success && parsed.output.at < header.output.keys.length)
      results.set(parsed.output.at, parsed.output.result);
  }
  return { ok: true, value: { header: header.output, results } };
}

/** Opens a shard's blob: what is in it already, and how to add to it. Refuses the blob of another plan. */
export function openBlob(
  path: string,
  header: BlobHeader,
): ReadResult<{ readonly results: Blob['results']; readonly add: (at: number, result: unknown) => void }> {
  const add = (at: number, result: unknown) => appendFileSync(path, `${JSON.stringify({ at, result })}\n`);
  if (!existsSync(path)) {
    writeFileSync(path, `${JSON.stringify(header)}\n`);
    return { ok: true, value: { results: new Map(), add } };
  }
  const text = readFileSync(path, 'utf8');
  const parsed = parseBlob(text);
  if (!parsed.ok) return parsed;
  if (parsed.value.header.plan !== header.plan)
    return { ok: false, reason: 'it is of another plan or of other code: remove it, or name another file' };
  if (!text.endsWith('\n')) appendFileSync(path, '\n');
  return { ok: true, value: { results: parsed.value.results, add } };
}

/** The results of all shards together, by place; the items that no blob has. */
export function mergeBlobs(blobs: readonly Blob[]): ReadResult<{
  readonly header: BlobHeader;
  readonly results: readonly unknown[];
  readonly missing: readonly string[];
}> {
  const [first] = blobs;
  if (first === undefined) return { ok: false, reason: 'no blobs were given' };
  const { header } = first;
  if (blobs.some((blob) => blob.header.plan !== header.plan))
    return { ok: false, reason: 'the blobs are of different plans' };
  const all = new Map(blobs.flatMap((blob) => [...blob.results]));
  const at = header.keys.map((_, index) => index);
  return {
    ok: true,
    value: {
      header,
      results: at.filter((index) => all.has(index)).map((index) => all.get(index)),
      missing: header.keys.filter((_, index) => !all.has(index)),
    },
  };
}
