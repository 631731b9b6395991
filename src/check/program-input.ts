// --program FILE --window START..END: a static executable of the user's own, whose window is given by two of its symbols.
import { basename } from 'node:path';
import { DESIGNS } from '../design/designs.js';
import { type ElfFile, parseElf } from '../elf/index.js';
import type { OwnDeed, OwnWindow } from '../explore/own-window.js';
import type { VdsoImage } from '../vdso/index.js';
import {
  type CheckChoice,
  type CheckPlan,
  entryOf,
  imagesOf,
  type PlanResult,
  refuse,
  sweepSideOf,
} from './plan.js';
import type { TrialSpec } from './types.js';

export interface ProgramRequest {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** START..END: symbols, each with +OFFSET where the place is inside of it. */
  readonly window: string;
  /** Sent to the thread in the window at every point; undefined: the program's own canceller gets the CPU. */
  readonly signal: number | undefined;
  /** Behind the program's name. */
  readonly args: readonly string[];
  readonly choice: CheckChoice;
}

/** The family of a program's trials: a baseline is of the same program and window. */
const PROGRAM = 'program';
/** Designs by the function whose symbol tells that a program has that library's cancellation points in it. */
const LIBRARIES: readonly { readonly symbol: string; readonly design: string }[] = [
  { symbol: '__syscall_cp_asm', design: 'pc-check' },
  { symbol: '__syscall_cancel_arch', design: 'pc-check-glibc' },
  { symbol: '__pthread_unwind', design: 'async-window' },
];
const CANCELLER = 'pthread_cancel';

export function planProgram({ path, bytes, window, signal, args, choice }: ProgramRequest): PlanResult {
  const parsed = parseElf(bytes, path);
  if (!parsed.ok) return refuse(parsed.error.message);
  const { elf } = parsed;
  const unfit = unfitFor(elf);
  if (unfit !== null) return refuse(`${path} ${unfit}`);
  if (choice.scenarios.length > 0)
    return refuse('--scenario is for C libraries: a program has its window', true);
  const images = imagesOf(choice);
  if (typeof images === 'string') return refuse(images, choice.images.length > 0);
  const [, from = '', to = ''] = /^(.+)\.\.(.+)$/.exec(window) ?? [];
  if (from === '') return refuse(`--window ${window}: expected START..END, two symbols of the program`, true);
  const places = [from, to].map((word) => placeOf(elf, word));
  const wrong = places.find((place) => typeof place === 'string');
  if (typeof wrong === 'string') return refuse(`${path} ${wrong}`);
  const [begin, end] = places.filter((place) => typeof place === 'number');
  if (begin === undefined || end === undefined || begin === end)
    return refuse(`--window ${window}: it begins and ends at the same instruction`, true);
  const deed = deedOf(elf, signal);
  if (typeof deed === 'string') return refuse(`${path} ${deed}`);
  const own: OwnWindow = { begin, end, deed, args: [basename(path), ...args] };
  const specs = images.map((image) => trialOf({ path, elf, window, own }, image));
  const plan: CheckPlan = { what: `${path}, ${window}`, against: null, file: null, specs, gaps: [] };
  return { ok: true, plan };
}

function unfitFor({ type, interpreter, symbols }: ElfFile): string | null {
  if (type === 'REL') return 'is an object file: link it, with -static';
  if (interpreter !== undefined) return 'is dynamically linked: link it with -static';
  if (type === 'DYN') return 'is position-independent: link it with -static -no-pie';
  if (symbols.length === 0) return 'has no symbols: it is stripped, and a window is given by symbols';
  return null;
}

/** The address of NAME or NAME+OFFSET, or why there is none. The offset is in bytes, decimal or 0x and hexadecimal. */
function placeOf(elf: ElfFile, word: string): number | string {
  const [, name = word, offset = '0'] = /^(.+)\+(0x[0-9a-f]+|\d+)$/i.exec(word) ?? [];
  const symbol = elf.findSymbol(name);
  if (symbol === undefined || symbol.section === 0) return `has no symbol ${name}`;
  const address = (symbol.value + Number(offset)) >>> 0;
  const inCode = elf.segments.some(
    ({ vaddr, filesz, flags }) => (flags & 1) !== 0 && address >= vaddr && address < vaddr + filesz,
  );
  return inCode ? address : `has no code at ${word}`;
}

function deedOf(elf: ElfFile, signal: number | undefined): OwnDeed | string {
  if (signal !== undefined) return { kind: 'signal', sig: signal };
  const hold = placeOf(elf, CANCELLER);
  if (typeof hold === 'string')
    return `never calls ${CANCELLER}: say which signal it is to get, with --signal`;
  return { kind: 'cancel', hold };
}

interface OwnProgram {
  readonly path: string;
  readonly elf: ElfFile;
  readonly window: string;
  readonly own: OwnWindow;
}

function trialOf({ path, elf, window, own }: OwnProgram, image: VdsoImage): TrialSpec {
  const library = LIBRARIES.find(({ symbol }) => elf.findSymbol(symbol) !== undefined);
  const design = DESIGNS.find(({ id }) => id === library?.design)?.id ?? PROGRAM;
  const side = sweepSideOf({ label: path, libc: path, program: path, design, given: null, image });
  return {
    key: { code: PROGRAM, scenario: window, entry: entryOf(image) },
    after: { ...side, own },
    before: null,
  };
}
