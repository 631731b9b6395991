// The commands of a page of the documentation, and a shell that runs them in a folder as a stranger's machine would.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execaSync } from 'execa';

/** Bodies of a page's fenced blocks of a language. */
export function fenced(page: string, language: string): string[] {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm);
  return [...blocks].flatMap(([, name, body = '']) => (name === language ? [body] : []));
}

/** Lines of a page that are indented as code is. */
export function indented(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^ {4}(\S.*)$/gm)].map(([, line = '']) => line);
}

/** What the steps of a workflow run: a line each, as all the pages have it. */
export function stepsOf(workflow: string): string[] {
  return [...workflow.matchAll(/^ *(?:- )?run: (.+)$/gm)].map(([, command = '']) => command);
}

/** The lines of a list below a key, such as a GitLab job's script or a container's command. */
export function listOf(yaml: string, key: string): string[] {
  const [, body = ''] = new RegExp(`^ *${key}:\\n((?: *- .*\\n)+)`, 'm').exec(yaml) ?? [];
  return [...body.matchAll(/^ *- (.+)$/gm)].map(([, command = '']) => command);
}

export interface Shell {
  /** Runs one command as sh -e does; fails with its output when it ends with another code than 0. */
  readonly run: (command: string, env?: Readonly<Record<string, string>>) => string;
}

const MAIN = resolve('dist/cli/main.js');

/**
 * `npx sigsweep` is what was built; `narrow` is a sed script for its arguments, so that a page's command for a night is run
 * in seconds. `npm ci` proves that the lock file fits, and leaves node_modules alone.
 */
export function shellIn(folder: string, narrow = ''): Shell {
  const bin = join(folder, '.bin');
  mkdirSync(bin);
  const npm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
  const tool = (name: string, script: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  tool('npm', `[ "$*" = ci ] && exec "${npm}" ci --dry-run --offline --ignore-scripts\nexec "${npm}" "$@"`);
  const words = narrow === '' ? '"$@"' : `$(echo "$@" | sed '${narrow}')`;
  tool('npx', `[ "$1" = sigsweep ] || exit 99\nshift\nexec "${process.execPath}" "${MAIN}" ${words}`);
  return {
    run: (command, env = {}) =>
      execaSync('sh', ['-e', '-c', command], {
        ...{ cwd: folder, all: true, env: { ...env, PATH: `${bin}:${process.env['PATH'] ?? ''}` } },
      }).all,
  };
}

/**
 * A folder in which everything of the repository's is there, as in a checkout with its node_modules; but of asm/history, which
 * is checked as a whole elsewhere, only what begins with `history`.
 */
export function checkoutIn(folder: string, history: string): void {
  const link = (name: string) => symlinkSync(resolve(name), join(folder, name));
  for (const name of readdirSync('.').filter((entry) => !/^\.git$|^asm$|\.tgz$/.test(entry))) link(name);
  mkdirSync(join(folder, 'asm/history'), { recursive: true });
  for (const name of readdirSync('asm/history').filter((entry) => entry.startsWith(history)))
    link(`asm/history/${name}`);
}
