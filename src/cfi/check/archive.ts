// The static check of a whole file: an ELF object of any kind, or each member of an archive.
import { type ElfError, parseArchive, parseElf } from '../../elf/index.js';
import type { CfiProblem } from '../types.js';
import { checkFile } from './index.js';
import type { FunctionVerdict } from './verdict.js';

export interface ObjectReport {
  /** Name of the archive member; '' for a plain file. */
  readonly member: string;
  /** Why it could not be read; it then has no functions. */
  readonly error: string | undefined;
  readonly problems: readonly CfiProblem[];
  readonly functions: readonly FunctionVerdict[];
}

export type UnwindReport =
  | { readonly ok: true; readonly objects: readonly ObjectReport[] }
  | { readonly ok: false; readonly error: ElfError };

const isArchive = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 8)).toString('latin1') === '!<arch>\n';

/** Checks everything in a file; `name` is what errors call it. Never throws on bad input. */
export function checkEverything(bytes: Uint8Array, name: string): UnwindReport {
  if (!isArchive(bytes)) {
    const parsed = parseElf(bytes, name);
    if (!parsed.ok) return parsed;
    const { frames, functions } = checkFile(parsed.elf);
    return { ok: true, objects: [{ member: '', error: undefined, problems: frames.problems, functions }] };
  }
  const archive = parseArchive(bytes, name);
  if (!archive.ok) return archive;
  const objects = archive.members.map(({ name: member, bytes: content }): ObjectReport => {
    const parsed = parseElf(content, `${name}(${member})`);
    if (!parsed.ok) return { member, error: parsed.error.message, problems: [], functions: [] };
    const { frames, functions } = checkFile(parsed.elf);
    return { member, error: undefined, problems: frames.problems, functions };
  });
  return { ok: true, objects };
}
