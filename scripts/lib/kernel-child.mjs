// One kernel model in a process of its own, judged: on stdin {path, source, usual}. Without usual the facts of the model
// as it is are printed, with them what kills the mutant, or null.
import { register } from 'node:module';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const { path, source, usual } = JSON.parse(await text(process.stdin));
const dist = (name) => new URL(`../../dist/${name}`, import.meta.url);
if (path !== null) {
  const url = dist(path.replace(/^src\//, '').replace(/\.ts$/, '.js')).href;
  register('./replace-module.mjs', import.meta.url, { data: { url, source } });
}
process.env.NODE_NO_WARNINGS = '1';
let answer;
try {
  const { kernelFacts, kernelKiller } = await import(fileURLToPath(dist('mutants/worker.js')));
  answer = path === null ? kernelFacts() : kernelKiller(usual);
} catch (error) {
  // A build that is not there says nothing of a mutant.
  if (path === null || error?.code === 'ERR_MODULE_NOT_FOUND') throw error;
  answer = { rule: 'exception', where: 'when it is loaded', detail: String(error).split('\n')[0] };
}
process.stdout.write(JSON.stringify(answer));
