import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileC } from '../asm/gcc.js';
import type { AsmSource } from '../asm/gnu-as.js';
import type { Design } from './types.js';

/** What overlays have in common: the cancellation point in pieces, musl's numbers. */
const INCLUDE = 'asm/include';

/**
 * What a design's overlay is made of: overlay.S, and handler.c beside it where the handler is too long for assembly.
 * Read and compiled once in a process for each design.
 */
export type SourcesResult =
  | {
      readonly ok: true;
      readonly sources: readonly AsmSource[];
      readonly asFlags: readonly string[];
      readonly includeDirs: readonly string[];
    }
  | { readonly ok: false; readonly message: string };

const known = new Map<string, SourcesResult>();

export function overlaySources(design: Design, root: string, cacheDir: string): SourcesResult {
  if (design.given !== undefined) return { ok: true, ...design.given };
  const key = `${root} ${design.id}`;
  const result = known.get(key) ?? readSources(design, root, cacheDir);
  known.set(key, result);
  return result;
}

function readSources({ folder, defines = [] }: Design, root: string, cacheDir: string): SourcesResult {
  const assembly = `${folder}/overlay.S`;
  const sources = [{ name: assembly, text: readFileSync(join(root, assembly), 'utf8') }];
  const name = `${folder}/handler.c`;
  const path = join(root, name);
  if (existsSync(path)) {
    const compiled = compileC({ path, name, defines, cacheDir });
    if (!compiled.ok) return { ok: false, message: compiled.error.message };
    sources.push({ name, text: compiled.text });
  }
  // A folder of designs may do without it.
  const includeDirs = [join(root, INCLUDE)].filter((folder) => existsSync(folder));
  return { ok: true, sources, includeDirs, asFlags: defines.flatMap((word) => ['--defsym', `${word}=1`]) };
}
