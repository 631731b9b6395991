// The corpus on disk: one file a target in the folder that the user names, with the cases that failed, shrunk and one a
// finding, before those that reached something new.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { formatDraws, parseDraws } from './draws.js';
import { FuzzError } from './errors.js';
import type { TargetId } from './target.js';

const CorpusFile = v.object({
  corpus: v.literal(1),
  target: v.string(),
  failed: v.array(v.string()),
  novel: v.array(v.string()),
});

export interface CorpusContent {
  readonly findings: readonly { readonly smallest: readonly number[] }[];
  readonly report: { readonly corpus: readonly (readonly number[])[] };
}

function pathOf(folder: string, target: TargetId): string {
  return join(folder, `${target}.json`);
}

/** Failed cases first; empty when there is no corpus yet. Throws FuzzError BAD_CORPUS. */
export function readCorpus(folder: string, target: TargetId): number[][] {
  const path = pathOf(folder, target);
  if (!existsSync(path)) return [];
  const bad = (why: string): FuzzError =>
    new FuzzError(
      'BAD_CORPUS',
      `${path} is not a corpus of ${target}: ${why}; remove it or name another folder`,
    );
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw bad('it is not JSON that can be read');
  }
  const parsed = v.safeParse(CorpusFile, content);
  if (!parsed.success) throw bad(parsed.issues[0].message);
  if (parsed.output.target !== target)
    throw bad(`it is one of ${JSON.stringify(parsed.output.target.slice(0, 20))}`);
  return [...parsed.output.failed, ...parsed.output.novel].map((text) => {
    const draws = parseDraws(text);
    if (draws === null) throw bad(`it has a case ${JSON.stringify(text.slice(0, 40))}`);
    return draws;
  });
}

/** Replaces the file as a whole. Throws FuzzError BAD_CORPUS where the folder cannot be written. */
export function writeCorpus(folder: string, target: TargetId, { findings, report }: CorpusContent): void {
  const failed = findings.map(({ smallest }) => formatDraws(smallest));
  const novel = [...new Set(report.corpus.map(formatDraws))].filter((text) => !failed.includes(text));
  const path = pathOf(folder, target);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.new`, `${JSON.stringify({ corpus: 1, target, failed, novel }, null, 1)}\n`);
    renameSync(`${path}.new`, path);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new FuzzError('BAD_CORPUS', `cannot write ${path}: ${why}`);
  }
}
