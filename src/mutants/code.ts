// Every mutant of flat assembly that differs in one instruction or one label. A pure function of the items: no chance.
import type { Change, ChangeKind, Item } from './types.js';

const NEXT: Readonly<Record<string, string>> = {
  ...{ eax: 'ecx', ecx: 'edx', edx: 'ebx', ebx: 'esi', esi: 'edi', edi: 'ebp', ebp: 'eax' },
  ...{ ax: 'cx', cx: 'dx', dx: 'bx', bx: 'ax', al: 'cl', cl: 'dl', dl: 'bl', bl: 'al' },
};

/** Conditions and their opposites: Intel SDM volume 2, Jcc. */
const OPPOSITES: readonly (readonly [string, string])[] = [
  ...([
    ['e', 'ne'],
    ['z', 'nz'],
    ['b', 'ae'],
    ['c', 'nc'],
    ['a', 'be'],
    ['l', 'ge'],
    ['g', 'le'],
  ] as const),
  ...([
    ['s', 'ns'],
    ['o', 'no'],
    ['p', 'np'],
  ] as const),
];

function inverted(text: string): string | null {
  for (const [one, other] of OPPOSITES) {
    if (text.startsWith(`j${one} `)) return text.replace(`j${one} `, `j${other} `);
    if (text.startsWith(`j${other} `)) return text.replace(`j${other} `, `j${one} `);
  }
  return null;
}

const INT80 = /^int \$(?:0x80|128)$/;
const SYSINFO = /^call \*%gs:(?:16|0x10)$/;

function otherWay(text: string): string | null {
  if (INT80.test(text)) return 'call *%gs:16';
  return SYSINFO.test(text) ? 'int $0x80' : null;
}

/** One for each register that the instruction names. */
function otherRegisters(text: string): string[] {
  return [...text.matchAll(/%(\w+)/g)].flatMap(({ 0: all, 1: name = '', index }) => {
    const other = NEXT[name];
    return other === undefined ? [] : [`${text.slice(0, index)}%${other}${text.slice(index + all.length)}`];
  });
}

const isCode = (item: Item | undefined): boolean => item?.kind === 'instruction' || item?.kind === 'data';

/** Names each item by the last label with a name of its own and the number of the instruction behind it. */
export function placesOf(items: readonly Item[]): string[] {
  let symbol = 'start';
  let behind = 0;
  return items.map((item) => {
    if (item.kind === 'label' && !/^\d+$/.test(item.text)) {
      symbol = item.text;
      behind = 0;
    }
    const place = behind === 0 ? symbol : `${symbol}+${behind}`;
    if (isCode(item)) behind++;
    return place;
  });
}

function withItem(items: readonly Item[], at: number, text: string): Item[] {
  return items.map((item, i) => (i === at ? { ...item, text } : item));
}

/** The next or last instruction from `at`, without a look at what stands between; -1 if there is none. */
function neighbour(items: readonly Item[], at: number, step: 1 | -1): number {
  for (let i = at + step; i >= 0 && i < items.length; i += step) if (isCode(items[i])) return i;
  return -1;
}

/** A label behind the next instruction or before the last one; it stays in its order with what else stands there. */
function moved(items: readonly Item[], at: number, step: 1 | -1): Item[] | null {
  const item = items[at];
  const beyond = neighbour(items, at, step);
  const passed = items.slice(Math.min(at, beyond), Math.max(at, beyond));
  // Behind a function's end, or before its begin, it would be another function's.
  const border = step === 1 ? /^\.(?:cfi_endproc|size)/ : /^\.(?:cfi_(?:start|end)proc|size)/;
  if (item === undefined || beyond < 0 || passed.some(({ text }) => border.test(text))) return null;
  const rest = items.filter((_, i) => i !== at);
  rest.splice(beyond, 0, item);
  return rest;
}

/** Two instructions that follow each other, with nothing to be jumped to between them. */
function swapped(items: readonly Item[], at: number): Item[] | null {
  const next = neighbour(items, at, 1);
  const [one, other] = [items[at], items[next]];
  const between = items.slice(at + 1, Math.max(next, at + 1));
  if (one === undefined || other === undefined || one.text === other.text) return null;
  if (between.some(({ kind }) => kind === 'label' || kind === 'directive')) return null;
  return items.map((item, i) => (i === at ? other : i === next ? one : item));
}

function changesAt(items: readonly Item[], at: number, place: string): Change[] {
  const item = items[at];
  if (item === undefined) return [];
  const change = (kind: ChangeKind, what: string, made: readonly Item[] | null): Change[] =>
    made === null ? [] : [{ name: `${place} ${item.text}: ${what}`, kind, items: made }];
  if (item.kind === 'label')
    return [
      ...change('label moved', 'label one instruction later', moved(items, at, 1)),
      ...change('label moved', 'label one instruction earlier', moved(items, at, -1)),
    ];
  if (!isCode(item)) return [];
  const text = (kind: ChangeKind, made: string | null) =>
    change(kind, made ?? '', made === null ? null : withItem(items, at, made));
  const next = items[neighbour(items, at, 1)]?.text ?? '';
  return [
    ...change(
      'deleted',
      'deleted',
      items.filter((_, i) => i !== at),
    ),
    ...text('inverted', inverted(item.text)),
    ...change('swapped', `swapped with ${next}`, swapped(items, at)),
    ...(item.kind === 'data' ? [] : otherRegisters(item.text)).flatMap((made) => text('register', made)),
    ...text('way in', otherWay(item.text)),
  ];
}

/** Mutants of the code, in the order of its lines. `within`: only from this label on to its .size. */
export function codeChanges(items: readonly Item[], within: string | null = null): Change[] {
  const places = placesOf(items);
  const from = within === null ? 0 : items.findIndex(({ kind, text }) => kind === 'label' && text === within);
  const size = within === null ? -1 : items.findIndex(({ text }) => text.startsWith(`.size ${within},`));
  const until = size < 0 ? items.length : size;
  return items.flatMap((_, i) => (i < from || i >= until ? [] : changesAt(items, i, places[i] ?? '')));
}
