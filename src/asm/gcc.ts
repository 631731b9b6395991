// Freestanding C to i386 assembly text, by gcc -S: the text then goes through gnu-as.ts beside hand-written sources.
// SOURCE: gcc(1). The flags leave out everything that would need a library, a segment register or data of its own.
// Results are kept in a folder under the hash of the sources, the flags and the compiler's version.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { execaSync } from 'execa';

export interface CompileRequest {
  /** The source file; headers that it includes lie beside it. */
  readonly path: string;
  /** What errors call it. */
  readonly name: string;
  readonly defines: readonly string[];
  /** Folder for outputs; made when absent. */
  readonly cacheDir: string;
}

export type CompileResult =
  | { readonly ok: true; readonly text: string }
  | {
      readonly ok: false;
      readonly error: { readonly code: 'gcc-failed' | 'tool-missing'; readonly message: string };
    };

const FLAGS = [
  ...['-m32', '-march=i686', '-mtune=generic', '-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror'],
  ...['-ffreestanding', '-fno-pic', '-fno-pie', '-fno-stack-protector', '-fomit-frame-pointer'],
  ...['-fno-asynchronous-unwind-tables', '-fcf-protection=none', '-fno-lto'],
  // No calls of memset or memcpy, which freestanding code would have to bring.
  ...['-fno-tree-loop-distribute-patterns', '-nostdinc'],
];

function failed(code: 'gcc-failed' | 'tool-missing', message: string): CompileResult {
  return { ok: false, error: { code, message } };
}

let version: string | null | undefined;

/** The compiler's first line about itself; null when there is none. */
function gccVersion(): string | null {
  const done = execaSync('gcc', ['--version'], { reject: false });
  return done.failed ? null : (done.stdout.split('\n')[0] ?? '');
}

function keyOf({ path, name, defines }: CompileRequest, compiler: string): string {
  const folder = dirname(path);
  const headers = readdirSync(folder).filter((file) => file.endsWith('.h'));
  const files = [basename(path), ...headers.sort()];
  const parts = [compiler, name, FLAGS.join(' '), defines.join(' ')];
  for (const file of files) parts.push(file, readFileSync(join(folder, file), 'latin1'));
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest('hex').slice(0, 24);
}

/** Compiles one file, or finds the output of an earlier equal request. */
export function compileC(request: CompileRequest): CompileResult {
  const { path, name, defines, cacheDir } = request;
  version ??= gccVersion();
  if (version === null) return failed('tool-missing', 'gcc is not installed: apt-get install gcc');
  const output = join(cacheDir, `${keyOf(request, version)}.s`);
  if (existsSync(output)) return { ok: true, text: readFileSync(output, 'utf8') };
  const args = [...FLAGS, ...defines.map((word) => `-D${word}`), '-S', '-o', '-', basename(path)];
  const done = execaSync('gcc', args, { cwd: dirname(path), reject: false });
  if (done.failed) {
    const complaint = done.stderr.split('\n').find((line) => line.includes('error'));
    return failed('gcc-failed', `${name}: ${complaint ?? done.shortMessage}`);
  }
  mkdirSync(cacheDir, { recursive: true });
  const scratch = `${output}.${process.pid}.${threadId}`;
  writeFileSync(scratch, `${done.stdout}\n`);
  renameSync(scratch, output);
  return { ok: true, text: `${done.stdout}\n` };
}
