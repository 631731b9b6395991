// The files the house rules are about: those git knows, or without git everything that is not generated.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execaSync } from 'execa';

const GENERATED = new Set(['node_modules', 'dist', 'dist-bench', 'cache', 'coverage', '.git']);

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return GENERATED.has(entry.name) ? [] : walk(path);
    return entry.isFile() ? [relative('.', path)] : [];
  });
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function list(): string[] {
  const git = execaSync('git', ['ls-files', '-z'], { reject: false });
  const paths = git.failed ? walk('.') : git.stdout.split('\0').filter((path) => path !== '');
  return paths.filter(isFile).sort();
}

/** Paths from the project's root, sorted. */
export const projectFiles: readonly string[] = list();

/** Lines of a file; a final newline does not open another one. */
export function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').replace(/\n$/, '').split('\n');
}
