// Assembly as GNU as sees it when macros and conditions are gone: one item a line, which assembles to the same bytes.
// SOURCE: the manual of as, "-a[cdghlmns]": what macros come to is marked with '>', false conditions are left out by c.
import { execaSync } from 'execa';
import type { AssemblyInput, Item } from './types.js';

export type ListingResult =
  | { readonly ok: true; readonly items: readonly Item[] }
  | { readonly ok: false; readonly reason: string };

/** Number of the line, offset and bytes of code if it makes any, depth of macros, text. */
const LINE = /^ *\d+ (?:[0-9a-f]{4,} +[0-9A-F]+| {4,})[ \t]*\t?(>*) ?(.*)$/;
const IN_DATA = /^\.(?:byte|fill|long|nops)\b/;
/** What has done its work when the listing is written. */
const GONE = /^\.(?:include|irp|irpc|rept|endr|if\w*|else\w*|endif|exitm|purgem|linefile)\b/;

function itemOf(text: string): Item[] {
  const label = /^([\w.$]+):\s*/.exec(text);
  const rest = label === null ? text : text.slice(label[0].length);
  const own: Item[] = label === null ? [] : [{ kind: 'label', text: label[1] ?? '' }];
  if (rest === '') return own;
  if (rest.startsWith('.cfi_')) return [...own, { kind: 'cfi', text: rest }];
  if (IN_DATA.test(rest)) return [...own, { kind: 'data', text: rest }];
  return [...own, { kind: rest.startsWith('.') ? 'directive' : 'instruction', text: rest }];
}

/** Asks the assembler for its listing; what it refuses is refused with its words. */
export function flatten({ text, asFlags, includeDirs }: AssemblyInput): ListingResult {
  const listed = ['-almcn', '--listing-rhs-width=1000', '--listing-cont-lines=0', '-o', '/dev/null'];
  const args = ['--32', ...listed, ...asFlags, ...includeDirs.flatMap((folder) => ['-I', folder]), '-'];
  const done = execaSync('as', args, { input: text, reject: false });
  if (done.failed) return { ok: false, reason: String(done.stderr).split('\n')[1] ?? 'as is not installed' };
  const macros = new Set<string>();
  const items: Item[] = [];
  let defining = false;
  for (const line of done.stdout.split('\n')) {
    const code = (LINE.exec(line)?.[2] ?? '').replace(/#.*$/, '').trim().replace(/\s+/g, ' ');
    const macro = /^\.macro ([\w.]+)/.exec(code);
    if (macro !== null) macros.add(macro[1] ?? '');
    defining = (defining || macro !== null) && code !== '.endm';
    if (code === '' || defining || code === '.endm' || GONE.test(code)) continue;
    // A label may stand before the macro's name.
    const behindLabel = code.replace(/^[\w.$]+: */, '');
    const isCall = macros.has(/^\S*/.exec(behindLabel)?.[0] ?? '');
    items.push(...itemOf(isCall ? code.slice(0, code.length - behindLabel.length) : code));
  }
  // The body of a macro that stands in what is given itself is not in the listing of as.
  if (defining) return { ok: false, reason: 'macros have to stand in a file that is included' };
  return { ok: true, items };
}

/** The items as a source again. */
export function sourceOf(items: readonly Item[]): string {
  return `${items.map(({ kind, text }) => (kind === 'label' ? `${text}:` : `\t${text}`)).join('\n')}\n`;
}
