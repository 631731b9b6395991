// Whole files of assembly through GNU as --32 and ld -m elf_i386: sections, CFI, symbols, errors with line numbers.
// A build costs some 10 ms, so outputs are kept in a folder under the hash of everything that went in, tools included.
// SOURCE: the manuals of as and ld. Sources go in on standard input and are named in errors by the name given here.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { execaSync } from 'execa';

export interface AsmSource {
  /** What errors call it: a path relative to the project, for instance. */
  readonly name: string;
  readonly text: string;
}

export interface BuildRequest {
  readonly sources: readonly AsmSource[];
  /** Folder for outputs; made when absent. */
  readonly cacheDir: string;
  readonly asFlags?: readonly string[];
  /** Folders for .include; the files directly in them count as inputs. */
  readonly includeDirs?: readonly string[];
  /** Flags of ld, such as ['-shared', '-soname', 'x']; absent: relocatable output by as alone (one source). */
  readonly ldFlags?: readonly string[];
  readonly linkerScript?: AsmSource;
}

export type BuildErrorCode = 'as-failed' | 'ld-failed' | 'tool-missing' | 'bad-request';

export type BuildResult =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly path: string; readonly cached: boolean }
  | { readonly ok: false; readonly error: { readonly code: BuildErrorCode; readonly message: string } };

class BuildError extends Error {
  readonly code: BuildErrorCode;
  constructor(code: BuildErrorCode, message: string) {
    super(message);
    this.name = 'BuildError';
    this.code = code;
  }
}

/** Runs a tool; its error text goes into the message with `rename` applied, as the caller's own words for its files. */
function tool(
  name: 'as' | 'ld',
  args: readonly string[],
  input: string,
  rename: (text: string) => string,
): string {
  const done = execaSync(name, args, { input, reject: false, stripFinalNewline: true });
  if (done.code === 'ENOENT') {
    throw new BuildError('tool-missing', `${name} is not installed: apt-get install binutils`);
  }
  if (done.failed) {
    const code = name === 'as' ? 'as-failed' : 'ld-failed';
    const lines = rename(done.stderr).split('\n');
    const errors = lines.filter((line) => !/^\S+: Assembler messages:$|^ld: warning: /.test(line));
    // ld breaks the line after naming the function; as gives one line an error.
    throw new BuildError(
      code,
      errors.join('\n').replace(/:\n\(/g, ': (') || `${name} failed: ${done.shortMessage}`,
    );
  }
  return done.stdout;
}

let versions: string | undefined;
function toolVersions(): string {
  const of = (name: 'as' | 'ld'): string => tool(name, ['--version'], '', String).split('\n')[0] ?? '';
  versions ??= `${of('as')} ${of('ld')}`;
  return versions;
}

/** Hash of all inputs; each is preceded by its length, so that no two lists of inputs read the same. */
function keyOf(request: BuildRequest): string {
  const hash = createHash('sha256');
  const add = (text: string): void => {
    hash.update(`${text.length}:${text}`);
  };
  add(toolVersions());
  for (const source of request.sources) [source.name, source.text].forEach(add);
  add(`as ${request.asFlags?.join('\0') ?? ''}`);
  add(request.ldFlags === undefined ? 'no ld' : `ld ${request.ldFlags.join('\0')}`);
  add(request.linkerScript?.text ?? '');
  for (const folder of request.includeDirs ?? []) {
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    for (const file of files.map((entry) => entry.name).sort())
      add(readFileSync(join(folder, file), 'latin1'));
  }
  return hash.digest('hex').slice(0, 24);
}

function build(request: BuildRequest, output: string): void {
  const scratch: string[] = [];
  const keep = (path: string): string => {
    scratch.push(path);
    return path;
  };
  const flags = [
    '--32',
    ...(request.asFlags ?? []),
    ...(request.includeDirs ?? []).flatMap((dir) => ['-I', dir]),
  ];
  try {
    const objects = request.sources.map((source, index) => {
      const object = keep(`${output}.${index}.o`);
      const rename = (text: string): string => text.replaceAll('{standard input}', source.name);
      tool('as', [...flags, '-o', object, '--', '-'], source.text, rename);
      return object;
    });
    const built = keep(`${output}.out`);
    if (request.ldFlags === undefined) renameSync(`${output}.0.o`, built);
    else {
      const script = request.linkerScript;
      if (script !== undefined) writeFileSync(keep(`${output}.ld`), script.text);
      const scriptFlags = script === undefined ? [] : ['-T', `${output}.ld`];
      const rename = (text: string): string =>
        request.sources
          .reduce((done, source, index) => done.replaceAll(`${output}.${index}.o`, source.name), text)
          .replaceAll(`${output}.ld`, script?.name ?? '');
      const args = ['-m', 'elf_i386', '--build-id=none', ...request.ldFlags, ...scriptFlags, '-o', built];
      tool('ld', [...args, ...objects], '', rename);
    }
    // Renaming is atomic: a process beside us sees a whole file or none.
    renameSync(built, output.replace(/\.\d+$/, ''));
  } finally {
    for (const path of scratch) rmSync(path, { force: true });
  }
}

/** Assembles and links, or finds the output of an earlier equal request. Throws only when the folder can't be used. */
export function buildAssembly(request: BuildRequest): BuildResult {
  try {
    if (request.sources.length === 0 || (request.ldFlags === undefined && request.sources.length > 1)) {
      throw new BuildError('bad-request', 'give one source, or ld flags to link several');
    }
    mkdirSync(request.cacheDir, { recursive: true });
    const path = join(request.cacheDir, `${keyOf(request)}.elf`);
    const cached = existsSync(path);
    // Worker threads share the process id.
    if (!cached) build(request, `${path}.${process.pid}${String(threadId).padStart(4, '0')}`);
    return { ok: true, bytes: new Uint8Array(readFileSync(path)), path, cached };
  } catch (error) {
    if (error instanceof BuildError)
      return { ok: false, error: { code: error.code, message: error.message } };
    throw error;
  }
}
