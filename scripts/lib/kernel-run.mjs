// The mutants of the kernel model, each judged in a process of its own: modules are loaded once, and a mutant may never end.
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { equivalence } from '../../dist/mutants/equivalent.js';
import { compiled } from './kernel-mutants.mjs';

const CHILD = fileURLToPath(new URL('kernel-child.mjs', import.meta.url));
/** The model itself takes some 15 s for all checks. */
const TIMEOUT_SECONDS = 120;

async function ask(question) {
  const done = await execa(process.execPath, [CHILD], {
    ...{
      input: JSON.stringify(question),
      reject: false,
      timeout: TIMEOUT_SECONDS * 1000,
      killSignal: 'SIGKILL',
    },
  });
  if (done.timedOut) return { rule: 'no end', where: 'any', detail: `nothing after ${TIMEOUT_SECONDS} s` };
  if (!done.failed) return JSON.parse(done.stdout);
  if (question.path === null || done.stderr.includes('ERR_MODULE_NOT_FOUND'))
    throw new Error(`the model as it is cannot be judged: ${done.stderr}`);
  return { rule: 'exception', where: 'any', detail: `the process ends with ${done.exitCode ?? done.signal}` };
}

let usual;

async function judged({ path, name, source }) {
  const base = { subject: path, name, kind: 'kernel model' };
  const killer = await ask({ path, source: compiled(source), usual });
  if (killer !== null) return { ...base, outcome: 'killed', killer, reason: null };
  const reason = equivalence({ ...base, subject: path, same: false });
  return { ...base, outcome: reason === null ? 'survived' : 'equivalent', killer: null, reason };
}

/** A line of the report for each, in their order; `jobs` at a time. */
export async function runKernelMutants(mutants, jobs) {
  usual ??= await ask({ path: null, source: null, usual: null });
  const lines = [];
  let next = 0;
  const work = async () => {
    for (let at = next++; at < mutants.length; at = next++) lines[at] = await judged(mutants[at]);
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return lines;
}
