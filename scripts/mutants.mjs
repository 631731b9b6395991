#!/usr/bin/env node
// npm run mutants [-- [--all | --survivors] WORD…]: builds every mutant of the assembly and ten of each file of the kernel
// model, judges each until something kills it, and writes docs/mutants.json and docs/mutants.md. With words only the subjects
// that contain one of them are run, and their results take the place of those that the page has. --all also sweeps the
// mutants that are known to be equivalent; --survivors runs those again that were not killed the last time.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { mutantsJson, mutantsText } from '../dist/mutants/report.js';
import { runMutants } from '../dist/mutants/run.js';
import { mutantSubjects } from '../dist/mutants/subjects.js';
import { kernelMutants } from './lib/kernel-mutants.mjs';
import { runKernelMutants } from './lib/kernel-run.mjs';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const all = process.argv.includes('--all');
const survivors = process.argv.includes('--survivors');
const jobs = Math.min(2, availableParallelism());
const onMutant = (done, total) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} mutants`);
};

const kernel = kernelMutants();
const files = [...new Set(kernel.map(({ path }) => path))];
const subjects = [
  ...mutantSubjects().map(({ id, changes }) => ({
    ...{
      id,
      changes,
      run: (wanted) => runMutants({ jobs, all, wanted: (one, name) => one === id && wanted(name), onMutant }),
    },
  })),
  ...files.map((id) => {
    const changes = kernel.filter(({ path }) => path === id);
    return {
      id,
      changes,
      run: (wanted) =>
        runKernelMutants(
          changes.filter(({ name }) => wanted(name)),
          jobs,
        ),
    };
  }),
];
const known = new Map();
const keyOf = (subject, name) => JSON.stringify([subject, name]);
if (existsSync(`${docs}mutants.json`))
  for (const line of JSON.parse(readFileSync(`${docs}mutants.json`, 'utf8')))
    known.set(keyOf(line.subject, line.name), line);

// A subject at a time: what has been run is kept when this is interrupted.
for (const { id, changes, run } of subjects) {
  if (words.length > 0 && !words.some((word) => id.includes(word))) continue;
  const wanted = (name) => !survivors || known.get(keyOf(id, name))?.outcome !== 'killed';
  for (const line of changes.some(({ name }) => wanted(name)) ? await run(wanted) : [])
    known.set(keyOf(id, line.name), line);
  const lines = subjects.flatMap((subject) =>
    subject.changes.flatMap(({ name }) => known.get(keyOf(subject.id, name)) ?? []),
  );
  writeFileSync(`${docs}mutants.json`, mutantsJson(lines));
  writeFileSync(`${docs}mutants.md`, mutantsText(lines, subjects));
  const mine = lines.filter(({ subject }) => subject === id);
  const survive = mine.filter(({ outcome }) => outcome === 'survived').length;
  process.stdout.write(`${id}: ${mine.length} mutants, ${survive} survive\n`);
}
