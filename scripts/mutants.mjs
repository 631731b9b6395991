#!/usr/bin/env node
// npm run mutants [-- [--all] WORD…]: builds every mutant of the assembly, sweeps each until a rule kills it, and writes
// docs/mutants.json and docs/mutants.md. With words only the subjects that contain one of them are run, and their results
// take the place of those that the page has. --all also sweeps the mutants that are known to be equivalent.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { mutantsJson, mutantsText } from '../dist/mutants/report.js';
import { runMutants } from '../dist/mutants/run.js';
import { mutantSubjects } from '../dist/mutants/subjects.js';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const words = process.argv.slice(2).filter((word) => word !== '--all');
const all = process.argv.includes('--all');
const isWanted = (id) => words.length === 0 || words.some((word) => id.includes(word));
const onMutant = (done, total) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} mutants`);
};
const subjects = mutantSubjects();
const known = existsSync(`${docs}mutants.json`)
  ? JSON.parse(readFileSync(`${docs}mutants.json`, 'utf8'))
  : [];
// A subject at a time: what has been run is kept when this is interrupted.
for (const { id } of subjects.filter(({ id }) => isWanted(id))) {
  const jobs = Math.min(2, availableParallelism());
  const fresh = await runMutants({ jobs, all, wanted: (one) => one === id, onMutant });
  const at = known.findIndex(({ subject }) => subject === id);
  const old = known.filter(({ subject }) => subject === id).length;
  known.splice(at < 0 ? known.length : at, old, ...fresh);
  const lines = subjects.flatMap((subject) => known.filter((line) => line.subject === subject.id));
  writeFileSync(`${docs}mutants.json`, mutantsJson(lines));
  writeFileSync(`${docs}mutants.md`, mutantsText(lines, subjects));
  process.stdout.write(
    `${id}: ${fresh.length} mutants, ${fresh.filter((one) => one.outcome === 'survived').length} survive\n`,
  );
}
