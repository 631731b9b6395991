// What is mutated: the cancellation point that musl ships, each design's assembly, and each form of the vDSO.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeOne } from '../asm/index.js';
import { findDesign } from '../design/designs.js';
import { overlaySources } from '../design/sources.js';
import type { Design } from '../design/types.js';
import { type ElfFile, parseArchive, parseElf, sectionBytes } from '../elf/index.js';
import { CACHE, OVERLAYS, ROOT } from '../suite/folders.js';
import { CPU_KINDS, type Flavour, RECONSTRUCTIONS } from '../vdso/index.js';
import { codeChanges } from './code.js';
import { frameChanges } from './frames.js';
import { flatten } from './listing.js';
import type { Change, Item } from './types.js';

export interface MutantSubject {
  readonly id: string;
  /** Laid over musl, code added to the vDSO, or the vDSO itself. */
  readonly role: 'overlay' | 'helpers' | 'image';
  /** The design that it is judged as; of an image none. */
  readonly design: string | null;
  readonly flavour: Flavour;
  readonly items: readonly Item[];
  readonly changes: readonly Change[];
}

export const LIBC = 'musl-1.2.3';

const LAID_OVER: readonly string[] = [
  ...['naive-vdso', 'unwind', 'vdso-helpers', 'sticky-flag', 'sticky-working', 'sync-signal', 'fatal-like'],
];

/** Something that every mutant stands on is not there. */
export class MutantsError extends Error {
  readonly code = 'NO_MUTANTS';
}

function itemsOf(text: string, asFlags: readonly string[], includeDirs: readonly string[]): readonly Item[] {
  const listed = flatten({ text, asFlags, includeDirs });
  if (!listed.ok) throw new MutantsError(listed.reason);
  return listed.items;
}

export function designOf(id: string): Design {
  const design = findDesign(id);
  if (design === undefined) throw new MutantsError(`no design ${id}`);
  return design;
}

/** Jumps by name where the object has one: to its own labels, or by its relocations to others. */
function textOf(elf: ElfFile, code: Uint8Array, at: number): { text: string; size: number } {
  const decoded = decodeOne(
    code.subarray(at),
    at,
    (target) => elf.symbols.find((one) => one.name !== '' && one.section !== 0 && one.value === target)?.name,
  );
  if (decoded === undefined) throw new MutantsError(`no instruction at ${at} of musl's point`);
  // The one relocation of the object is the jump to where a cancellation is acted on.
  const outside = elf.symbols.find((one) => one.section === 0 && one.name !== '')?.name ?? '';
  const away = decoded.text.startsWith('jmp ') && decoded.size === 5;
  return {
    text: away ? `jmp ${outside}` : decoded.text.replace(/0x[0-9a-f]+ <(\w+)>/, '$1'),
    size: decoded.size,
  };
}

/** musl's own object code as assembly: it is taken out of libc.a, and nothing of it is written down here. */
function muslPoint(): readonly Item[] {
  const path = join(CACHE, 'libc', LIBC, 'lib', 'libc.a');
  const archive = parseArchive(new Uint8Array(readFileSync(path)), path);
  const member = archive.ok ? archive.members.find(({ name }) => name.startsWith('syscall_cp.')) : undefined;
  const parsed = member === undefined ? undefined : parseElf(member.bytes, member.name);
  const section = parsed?.ok === true ? parsed.elf.findSection('.text') : undefined;
  if (parsed?.ok !== true || section === undefined) throw new MutantsError(`no syscall_cp in ${LIBC}`);
  const { elf } = parsed;
  const code = sectionBytes(elf, section) ?? new Uint8Array(0);
  const own = elf.symbols.filter(({ name, section: where }) => name !== '' && where !== 0);
  const items: Item[] = [{ kind: 'directive', text: '.text' }];
  for (const { name } of own) items.push({ kind: 'directive', text: `.globl ${name}` });
  for (let at = 0; at < code.length; ) {
    for (const { name, value } of own) if (value === at) items.push({ kind: 'label', text: name });
    // What is left when the code is over fills the section.
    const { text, size } = textOf(elf, code, at);
    if (!/^nop/.test(text)) items.push({ kind: 'instruction', text });
    at += size;
  }
  items.push({ kind: 'directive', text: '.size __syscall_cp_asm, . - __syscall_cp_asm' });
  return items;
}

function overlaySubject(id: string, items: readonly Item[]): MutantSubject {
  const changes = [...codeChanges(items), ...frameChanges(items)];
  return { id, role: 'overlay', design: id, flavour: 'i386', items, changes };
}

function laidOver(id: string): MutantSubject {
  const read = overlaySources(designOf(id), ROOT, OVERLAYS);
  if (!read.ok) throw new MutantsError(read.message);
  return overlaySubject(id, itemsOf(read.sources[0]?.text ?? '', read.asFlags, read.includeDirs));
}

function helpers(id: string): MutantSubject {
  const source = designOf(id).vdsoHelpers?.source ?? '';
  const items = itemsOf(readFileSync(join(ROOT, source), 'utf8'), [], []);
  const changes = [...codeChanges(items), ...frameChanges(items)];
  return { id: `${id}, in the vDSO`, role: 'helpers', design: id, flavour: 'i386', items, changes };
}

/** The stubs that a signal handler returns to are the same in every form: they are mutated in the last one only. */
const STUBS_IN = 'unified-7.0/sysenter';

function forms(): MutantSubject[] {
  return RECONSTRUCTIONS.map(({ form, source, cpu }) => {
    const folder = join(ROOT, 'asm/vdso');
    const flags = ['--defsym', `CPU=${CPU_KINDS.indexOf(cpu)}`];
    const items = itemsOf(readFileSync(join(folder, source), 'utf8'), flags, [folder]);
    const entry = items.findIndex(({ text }) => text.startsWith('.size __kernel_vsyscall'));
    const inEntry = new Set(placed(items.slice(0, entry)));
    const all = [...codeChanges(items), ...frameChanges(items)];
    const mine = form === STUBS_IN ? all : all.filter(({ name }) => inEntry.has(name.split(' ')[0] ?? ''));
    const flavour = cpu === 'syscall' ? 'amd64' : 'i386';
    return { id: `vDSO ${form}`, role: 'image', design: null, flavour, items, changes: mine };
  });
}

function placed(items: readonly Item[]): string[] {
  return [...codeChanges(items), ...frameChanges(items)].map(({ name }) => name.split(' ')[0] ?? '');
}

let known: readonly MutantSubject[] | undefined;

/** Every subject with all of its mutants, in a fixed order. Throws MutantsError when set-up has not been run. */
export function mutantSubjects(): readonly MutantSubject[] {
  known ??= [
    overlaySubject('pc-check', muslPoint()),
    ...LAID_OVER.map(laidOver),
    helpers('vdso-helpers'),
    ...forms(),
  ];
  return known;
}
