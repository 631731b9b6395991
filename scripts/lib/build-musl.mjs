// musl's static library out of its source tarball, where no package with the object code can be had. The host's compiler makes
// it, as musl's own INSTALL says; Debian's patches, of which none touches threads, signals or system calls, are left out.
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { SetupError, say } from './log.mjs';
import { commandPath } from './packages.mjs';
import { attempt, run } from './run.mjs';
import { copyMembers } from './unpack.mjs';

/** The last line of a build that names the trouble. */
const complaint = (r) =>
  r.stderr.split('\n').findLast((l) => /error|Error|cannot|No such/.test(l)) ?? r.reason;

/**
 * Builds in `scratch` and copies the named members of what `make install` makes.
 * @param {string} tarball @param {[string, string][]} take paths below the install prefix
 * @throws {SetupError} when there is no make or the build fails
 */
export const takeBuiltMusl = (tarball, take, scratch, to) => {
  if (!commandPath('make'))
    throw new SetupError('no-make', 'building musl needs make; run: sudo apt-get install make');
  rmSync(scratch, { recursive: true, force: true });
  const [source, prefix] = [join(scratch, 'source'), join(scratch, 'installed')];
  mkdirSync(source, { recursive: true });
  run('unpack-failed', `unpacking ${tarball}`, 'tar', ['-xf', tarball, '-C', source, '--strip-components=1']);
  say('building musl from its source (about half a minute)');
  // --target asks for tools of that name (i386-linux-musl-ar), which CROSS_COMPILE= takes back.
  const options = ['--target=i386-linux-musl', '--disable-shared', '--disable-wrapper', `--prefix=${prefix}`];
  const env = { ...process.env, CC: 'gcc -m32 -march=i686', LC_ALL: 'C' };
  for (const [command, ...args] of [
    ['./configure', ...options],
    ['make', `-j${availableParallelism()}`, 'CROSS_COMPILE=', 'install'],
  ]) {
    const r = attempt(command, args, { cwd: source, env });
    if (!r.ok) throw new SetupError('musl-build', `building musl: ${complaint(r)}`);
  }
  copyMembers(tarball, prefix, take, to);
  rmSync(scratch, { recursive: true, force: true });
};
