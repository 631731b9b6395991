// Assembly of the user's own: read, preprocessed where it needs that, and assembled once to see what it defines.
// SOURCE: gcc(1): a file that ends in .S is preprocessed, one that ends in .s is not.
import { dirname, extname } from 'node:path';
import { execaSync } from 'execa';
import { buildAssembly } from '../asm/gnu-as.js';
import type { GivenSources } from '../design/types.js';
import { type ElfFile, parseElf, SHN } from '../elf/index.js';
import { OVERLAYS, ROOT } from '../suite/folders.js';

export interface AssemblyInput {
  /** What errors and findings call it. */
  readonly name: string;
  /** Where it lies: its folder is searched for what it includes. */
  readonly path: string;
  readonly text: string;
  /** Of the tree it is from: -D, -U, -I and -include go to the preprocessor, -Wa, words to the assembler. */
  readonly flags?: readonly string[];
  /** Symbols that are defined for the assembler: NAME=VALUE. */
  readonly defines?: readonly string[];
}

export interface Assembled {
  readonly given: GivenSources;
  readonly object: ElfFile;
  readonly bytes: Uint8Array;
  /** Global symbols that it defines. */
  readonly defined: readonly string[];
  /** Offset in .text -> line of the file, counted from 1; empty where lines are not the file's own. */
  readonly lines: ReadonlyMap<number, number>;
}

export type AssemblyResult =
  | { readonly ok: true; readonly assembled: Assembled }
  | { readonly ok: false; readonly reason: string };

/** Directives of the C preprocessor; to the assembler alone such a line is a comment. */
const DIRECTIVE = /^[ \t]*#[ \t]*(?:include|define|undef|if|ifdef|ifndef|else|elif|endif|error)\b/m;

function preprocessed({ name, path, text, flags = [] }: AssemblyInput): string | { readonly reason: string } {
  if (extname(path) !== '.S' || !DIRECTIVE.test(text)) return text;
  const args = ['-E', '-P', '-m32', '-x', 'assembler-with-cpp', `-I${dirname(path)}`, ...flags, '-'];
  const done = execaSync('gcc', args, { input: text, reject: false });
  if (!done.failed) return done.stdout;
  if (done.code === 'ENOENT') return { reason: 'gcc is not installed: apt-get install gcc' };
  const complaint = String(done.stderr)
    .split('\n')
    .find((line) => line.includes('error'));
  return { reason: `${name}: ${(complaint ?? 'gcc failed').replace(/^<stdin>:/, 'line ')}` };
}

/** as --listing: the line's number, the offset in its section, the bytes; lines that make no code have no offset. */
function lineTable(text: string, flags: readonly string[]): ReadonlyMap<number, number> {
  const done = execaSync('as', ['--32', '-aln', ...flags, '-o', '/dev/null', '--', '-'], {
    ...{ input: text, reject: false },
  });
  const lines = new Map<number, number>();
  if (done.failed) return lines;
  for (const [, line = '', offset = ''] of done.stdout.matchAll(/^ *(\d+) ([0-9a-f]{4,}) [0-9A-F]{2}/gm)) {
    const at = Number.parseInt(offset, 16);
    if (!lines.has(at)) lines.set(at, Number(line));
  }
  return lines;
}

export function assemble(input: AssemblyInput): AssemblyResult {
  const text = preprocessed(input);
  if (typeof text !== 'string') return { ok: false, reason: text.reason };
  const includes = /^\s*\.(?:include|incbin)\b/m.test(text);
  const includeDirs = includes ? [dirname(input.path), `${ROOT}asm/include`, `${ROOT}asm/vdso`] : [];
  const own = (input.flags ?? []).flatMap((flag) =>
    flag.startsWith('-Wa,') ? flag.slice(4).split(',') : [],
  );
  const asFlags = [...own, ...(input.defines ?? []).flatMap((word) => ['--defsym', word])];
  const sources = [{ name: input.name, text }];
  const built = buildAssembly({ sources, asFlags, includeDirs, cacheDir: OVERLAYS });
  if (!built.ok) return { ok: false, reason: built.error.message };
  const parsed = parseElf(built.bytes, input.name);
  if (!parsed.ok) return { ok: false, reason: parsed.error.message };
  const defined = parsed.elf.symbols
    .filter(({ section, bind, name }) => section !== SHN.UNDEF && bind !== 'LOCAL' && name !== '')
    .map(({ name }) => name);
  const searched = includeDirs.flatMap((folder) => ['-I', folder]);
  const lines = text === input.text ? lineTable(text, [...asFlags, ...searched]) : new Map<number, number>();
  const given = { sources, asFlags, includeDirs };
  return { ok: true, assembled: { given, object: parsed.elf, bytes: built.bytes, defined, lines } };
}
