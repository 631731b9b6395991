// Runs programs in the model and on the running kernel, and puts what they did side by side.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '../../src/kernel/history.js';
import { listImages, type VdsoImage } from '../../src/vdso/index.js';
import { createWorld } from '../../src/world/create.js';
import type { Ending, World } from '../../src/world/world.js';
import { readElf } from '../assembled.js';

const CACHE = 'fixtures/cache';

export function programPath(libc: string, name: string): string {
  return join(CACHE, 'programs', libc, name);
}

export const images: readonly VdsoImage[] = listImages(join(CACHE, 'vdso')).flatMap((listed) =>
  listed.ok ? [listed.image] : [],
);

export function image(id: string): VdsoImage {
  const found = images.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`no vDSO image ${id}: run node scripts/bootstrap.mjs`);
  return found;
}

/** What anybody outside can see of a run; a signal is 128 + its number, as shells say it. */
export interface Seen {
  readonly out: string;
  readonly end: string;
}

export function world(path: string, args: readonly string[] = [], vdso = image('host')): World {
  const created = createWorld({ program: readElf(path), vdso, args: [path, ...args] });
  if (!created.ok) throw new Error(created.error.message);
  return created.world;
}

/** What was written to standard output, or another standard stream. */
export function outputOf(history: readonly Event[], fd = 1): string {
  const parts = history.flatMap((event) => (event.kind === 'output' && event.fd === fd ? [event.bytes] : []));
  return Buffer.concat(parts).toString('latin1');
}

/** To the end of the program, which may take several times World's bound. */
export function finish(running: World): Ending {
  for (let rounds = 0; ; rounds++) {
    const ending = running.run();
    if (ending !== null && (ending.kind !== 'bound' || rounds === 20)) return ending;
  }
}

function endText(ending: Ending): string {
  if (ending.kind !== 'ended') return JSON.stringify(ending);
  return `status ${ending.exit.kind === 'exited' ? ending.exit.status : 128 + ending.exit.sig}`;
}

export function inModel(path: string, args: readonly string[] = [], vdso = image('host')): Seen {
  const running = world(path, args, vdso);
  try {
    const ending = finish(running);
    return { out: outputOf(running.history), end: endText(ending) };
  } finally {
    running.close();
  }
}

/**
 * Nothing of where the tests were started reaches the program: no descriptors but the three standard ones, no environment,
 * the usual umask; Node itself starts children with default actions and nothing blocked. In a shell also because Node has no
 * names for real-time signals.
 */
const START = `for open in /proc/$$/fd/*; do
  fd=\${open##*/}
  if [ "$fd" -gt 2 ]; then eval "exec $fd<&-"; fi
done
umask 022
env -i "$0" "$@"
exit $?`;

/** `around` is what the shell that starts it is made to be first. */
export function natively(path: string, args: readonly string[] = [], around = ''): Seen {
  const script = `${around}\nexec bash -c '${START}' "$0" "$@"`;
  const run = spawnSync('bash', ['-c', script, path, ...args], { timeout: 60_000 });
  return { out: run.stdout.toString('latin1'), end: `status ${run.status}` };
}

/** Whether this machine runs 32-bit programs at all. */
export const runsNatively = natively(programPath('musl-1.2.3', 'compat/hello')).end === 'status 0';

export function readFileText(path: string): string {
  return readFileSync(path, 'utf8');
}
