// --patch FILE --tree DIR: the files of a source tree that a patch changes, before and after it, where they stand alone.
// The tree itself is only read. SOURCE: diff(1), unified format; git-diff(1) for new, deleted and renamed files.
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { applyPatch, parsePatch, type StructuredPatch } from 'diff';
import { parseElf } from '../elf/index.js';
import { allLibcs } from '../suite/catalog.js';
import { planOverlay, VSYSCALL } from './asm-input.js';
import { type Assembled, type AssemblyInput, assemble } from './assembly.js';
import {
  type CheckChoice,
  DEFAULT_LIBC,
  type PlanResult,
  refuse,
  scenariosOf,
  shippedProgram,
} from './plan.js';
import { treeFlags } from './tree-flags.js';
import { planImage } from './vdso-input.js';
import { imageFromAssembly } from './vdso-source.js';

export interface PatchRequest {
  /** What messages call the patch. */
  readonly path: string;
  readonly text: string;
  readonly tree: string;
  readonly choice: CheckChoice;
}

/** A file of assembly that the patch changes; null where it is not there before or after. */
interface Changed {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

type ReadResult =
  | { readonly ok: true; readonly files: readonly Changed[]; readonly gaps: readonly string[] }
  | { readonly ok: false; readonly reason: string };

const NOTHING = '/dev/null';
/** What a patch may change without a word: it has no part in the code. */
const IRRELEVANT =
  /(?:^|\/)(?:ChangeLog|NEWS|README|Makefile|\.gitignore)[^/]*$|\.(?:md|txt|rst|texi|diff|patch)$/;

/** As patch -p1 does, and as -p0 where the file is only found under the whole name. */
function nameIn(tree: string, name: string | undefined): string {
  const whole = (name ?? NOTHING).replace(/\t.*$/, '');
  if (whole === NOTHING) return whole;
  const stripped = whole.replace(/^[^/]+\//, '');
  return existsSync(join(tree, whole)) && !existsSync(join(tree, stripped)) ? whole : stripped;
}

function readChanges({ path, text, tree }: PatchRequest): ReadResult {
  let patches: StructuredPatch[];
  try {
    patches = parsePatch(text);
  } catch (error) {
    return {
      ok: false,
      reason: `${path} is no patch: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  const changing = patches.filter(({ hunks, newFileName }) => hunks.length > 0 && newFileName !== undefined);
  if (changing.length === 0)
    return { ok: false, reason: `${path} is no patch: nothing in it changes a file` };
  const files: Changed[] = [];
  const gaps: string[] = [];
  for (const patch of changing) {
    const [from, to] = [nameIn(tree, patch.oldFileName), nameIn(tree, patch.newFileName)];
    const name = to === NOTHING ? from : to;
    if (IRRELEVANT.test(name)) continue;
    if (!/^\.[sS]$/.test(extname(name))) {
      gaps.push(`${name} is not built here: build the tree with the patch and use --libc or --vdso`);
      continue;
    }
    const source = join(tree, from);
    if (from !== NOTHING && !existsSync(source))
      return { ok: false, reason: `${path} does not fit: ${from} is not in ${tree}` };
    const before = from === NOTHING ? null : readFileSync(source, 'utf8');
    const after = applyPatch(before ?? '', patch);
    if (after === false) return { ok: false, reason: `${path} does not apply to ${name} in ${tree}` };
    files.push({ name, before, after: to === NOTHING ? null : after });
  }
  return { ok: true, files, gaps };
}

interface Built {
  readonly name: string;
  readonly after: Assembled;
  readonly before: Assembled | null;
}

export function planPatch(request: PatchRequest): PlanResult {
  const { path, tree } = request;
  const read = readChanges(request);
  if (!read.ok) return refuse(read.reason);
  const gaps = [...read.gaps];
  const flags = treeFlags(tree);
  const built: Built[] = [];
  for (const { name, before, after } of read.files) {
    if (after === null) {
      gaps.push(`${name} is deleted: what the tree has in its place cannot be told from the patch`);
      continue;
    }
    const of = (text: string) => assemble({ name, path: join(tree, name), text, flags });
    const [now, then] = [of(after), before === null ? null : of(before)];
    if (!now.ok) gaps.push(`${name} does not assemble by itself: ${now.reason}`);
    else if (then !== null && !then.ok)
      gaps.push(`${name} does not assemble before the patch: ${then.reason}`);
    else built.push({ name, after: now.assembled, before: then?.assembled ?? null });
  }
  const [first, ...more] = built;
  if (first === undefined) return refuse(`nothing of ${path} can be built alone: ${gaps.join('; ')}`);
  const source = read.files.find(({ name }) => name === first.name)?.after ?? '';
  const planned = planBuilt(first, request, {
    name: first.name,
    path: join(tree, first.name),
    text: source,
    flags,
  });
  if (!planned.ok) return planned;
  const rest = more.map(({ name }) => `${name} is not looked at: a check is of one file of assembly`);
  return { ok: true, plan: { ...planned.plan, gaps: [...planned.plan.gaps, ...gaps, ...rest] } };
}

function planBuilt(
  { name, after, before }: Built,
  { path, choice }: PatchRequest,
  input: AssemblyInput,
): PlanResult {
  const what = `${name} with ${path}`;
  if (after.defined.includes(VSYSCALL)) {
    const image = imageFromAssembly(input);
    if (!image.ok) return refuse(image.error.message);
    return planImage({ what, image: image.image, choice, file: name });
  }
  const found = libcFor(after.defined, choice);
  if (found === null)
    return refuse(`no shipped C library has any of ${after.defined.join(', ') || 'its symbols'}`);
  const { libc, symbol } = found;
  return planOverlay({
    ...{
      label: what,
      what: `${what}, laid over ${libc}`,
      file: name,
      assembled: after,
      libc,
      choice,
      replaces: symbol,
    },
    before: before === null ? null : { label: `${name} without it`, assembled: before },
  });
}

/** The chosen library, or the first that has one of the symbols: musl before glibc. */
function libcFor(defined: readonly string[], choice: CheckChoice): { libc: string; symbol: string } | null {
  const all = allLibcs();
  const usual = [DEFAULT_LIBC, ...all.filter((id) => id !== DEFAULT_LIBC).reverse()];
  const scenarios = scenariosOf(choice);
  const scenario = typeof scenarios === 'string' ? '' : (scenarios[0] ?? '');
  for (const libc of choice.libc === undefined ? usual : [choice.libc]) {
    const path = shippedProgram(libc, scenario);
    if (!existsSync(path)) continue;
    const parsed = parseElf(new Uint8Array(readFileSync(path)), path);
    const symbol = parsed.ok ? defined.find((name) => parsed.elf.findSymbol(name) !== undefined) : undefined;
    if (symbol !== undefined) return { libc, symbol };
  }
  return null;
}
