// Mistakes put in on purpose, to see that the fuzz finds them: in the entry code of the vDSO, in the frame description of it,
// and, for `cancel`, the controls of the rules (asm/controls).
import { DWARF_REGISTER, readFileFrames } from '../cfi/index.js';
import { CONTROLS } from '../design/designs.js';
import { type ElfFile, parseElf } from '../elf/index.js';
import type { VdsoImage } from '../vdso/index.js';
import { FuzzError } from './core/errors.js';

export interface EntryPlant {
  readonly id: string;
  readonly target: 'entry';
  readonly title: string;
  /** The rules that it may be found by. */
  readonly rules: readonly string[];
  /** The form that it is put into, and for which kernels. */
  readonly form: string;
  readonly flavour: 'i386' | 'amd64';
  readonly change: (image: VdsoImage) => VdsoImage;
}

export interface CancelPlant {
  readonly id: string;
  readonly target: 'cancel';
  readonly title: string;
  readonly rules: readonly string[];
  readonly design: string;
  readonly scenario: string;
}

export type Plant = EntryPlant | CancelPlant;

function parsed(bytes: Uint8Array, id: string): ElfFile {
  const result = parseElf(bytes, id);
  if (!result.ok) throw new FuzzError('NO_SUBJECT', result.error.message);
  return result.elf;
}

function withBytes(image: VdsoImage, at: number, changed: readonly number[]): VdsoImage {
  const bytes = image.bytes.slice();
  bytes.set(changed, at);
  return { ...image, bytes, elf: parsed(bytes, image.id) };
}

/** Bytes of __kernel_vsyscall replaced, wherever they begin in it. */
function code(from: readonly number[], to: readonly number[]) {
  return (image: VdsoImage): VdsoImage => {
    const at = Buffer.from(image.bytes).indexOf(Buffer.from(from), image.vsyscall);
    if (at < 0 || at >= image.vsyscall + image.vsyscallSize)
      throw new FuzzError('NO_SUBJECT', `${image.id} does not have the code to be changed`);
    return withBytes(image, at, to);
  };
}

const DEF_CFA_OFFSET = 0x0e;
const OFFSET = 0x80;

/** Changes a byte behind the first operation of this code in the description of __kernel_vsyscall. */
function description(operation: number, change: (operand: number) => number) {
  return (image: VdsoImage): VdsoImage => {
    const fde = readFileFrames(image.elf)
      .tables.flatMap(({ fdes }) => fdes)
      .find(({ start }) => start.address === image.vsyscall + image.base);
    const at = fde?.program.indexOf(operation) ?? -1;
    if (fde === undefined || at < 0)
      throw new FuzzError('NO_SUBJECT', `${image.id} does not describe its entry like that`);
    const place = fde.program.byteOffset - image.bytes.byteOffset + at + 1;
    return withBytes(image, place, [change(image.bytes[place] ?? 0)]);
  };
}

function entry(
  id: string,
  title: string,
  where: readonly [form: string, flavour: 'i386' | 'amd64'],
  change: EntryPlant['change'],
): EntryPlant {
  const rules = ['registers', 'no-fault', 'entry-equivalence', 'unwind', 'bounded'];
  return { id, target: 'entry', title, rules, form: where[0], flavour: where[1], change };
}

const ENTRY_PLANTS: readonly EntryPlant[] = [
  entry(
    'back-jump',
    'the jump back behind sysenter is one byte too long',
    ['sysenter-2002', 'i386'],
    code([0xeb, 0xf3], [0xeb, 0xf2]),
  ),
  entry(
    'restart-sysenter',
    'a restart runs sysenter with the sixth argument in ebp',
    ['sysenter-2002', 'i386'],
    code([0xeb, 0xf3], [0xeb, 0xf5]),
  ),
  entry(
    'edx-clobbered',
    'the entry does not give edx back',
    ['unified-4.4/sysenter', 'i386'],
    code([0x5d, 0x5a, 0x59], [0x5d, 0x59, 0x59]),
  ),
  entry(
    'pops-swapped',
    'two registers are popped in the wrong order',
    ['unified-4.4/int80', 'amd64'],
    code([0x5d, 0x5a, 0x59], [0x5a, 0x5d, 0x59]),
  ),
  entry(
    'second-argument',
    'the second argument is not moved to where syscall wants it',
    ['unified-4.4/syscall', 'amd64'],
    code([0x89, 0xcd], [0x90, 0x90]),
  ),
  entry(
    'no-int80',
    'there is no int $0x80 to restart a call with',
    ['unified-7.0/syscall', 'amd64'],
    code([0x0f, 0x05, 0xcd, 0x80], [0x0f, 0x05, 0x90, 0x90]),
  ),
  entry(
    'landing-pad',
    'the kernel returns one instruction too late',
    ['unified-4.4/sysenter', 'amd64'],
    (image) => ({ ...image, landingPad: image.landingPad + 1, fastReturn: image.fastReturn + 1 }),
  ),
  entry(
    'direction-flag',
    'the entry clears the direction flag',
    ['unified-4.4/int80', 'i386'],
    code([0x8d, 0x74, 0x26, 0x00], [0xfc, 0x90, 0x90, 0x90]),
  ),
  entry(
    'cfa-by-four',
    'the frame description is off by four after the first push',
    ['unified-7.0/sysenter', 'amd64'],
    description(DEF_CFA_OFFSET, (operand) => operand + 4),
  ),
  entry(
    'saved-by-four',
    'the frame description looks for ecx one word off',
    ['unified-4.4/syscall', 'amd64'],
    description(OFFSET + DWARF_REGISTER.ecx, (operand) => operand + 1),
  ),
];

const CANCEL_PLANTS: readonly CancelPlant[] = CONTROLS.map(({ id, title, breaks }) => ({
  id,
  target: 'cancel',
  title,
  rules: [breaks.rule, ...(breaks.also ?? [])],
  design: id,
  scenario: breaks.scenario,
}));

/** The reading of sticky signals under which everything holds, with its switches as in design/sticky.ts. */
const WORKING = {
  ...{ pending: 'per-call', block: 'latch', restart: 'eintr', nointr: 'exempt', clear: 'discard' },
  ...{ scope: 'marked', group: 'latches', inherit: 'drop' },
};

function sticky(
  rule: string,
  title: string,
  scenario: string,
  changed: Readonly<Record<string, string>>,
  also: readonly string[] = [],
): CancelPlant {
  const switches = Object.entries({ ...WORKING, ...changed }).map(([name, value]) => `${name}=${value}`);
  const design = `sticky-signal:${switches.join(',')}`;
  return { id: rule, target: 'cancel', title, rules: [rule, ...also], design, scenario };
}

const STICKY_PLANTS: readonly CancelPlant[] = [
  sticky('sticky-1', 'the signal only sticks from the return of its handler on', 'read-empty', {
    'latch-at': 'sigreturn',
  }),
  sticky(
    'sticky-2',
    'a sticking signal is blocked by the mask, which sigreturn restores',
    'read-empty',
    { block: 'mask' },
    ['bounded'],
  ),
  sticky('sticky-3', 'a call that sticks is made again', 'read-empty', { restart: 'raw' }, ['bounded']),
  sticky('sticky-4', 'calls that need not sleep are interrupted', 'poll-now', { scope: 'any' }),
  sticky('sticky-5', 'what is queued survives the clearing', 'disable-inside', { clear: 'keep' }),
  sticky('sticky-6', 'a new thread inherits what sticks', 'thread-made', { inherit: 'keep' }),
];

export const PLANTS: readonly Plant[] = [...ENTRY_PLANTS, ...CANCEL_PLANTS, ...STICKY_PLANTS];

export function findPlant(id: string): Plant | undefined {
  return PLANTS.find((plant) => plant.id === id);
}

/** The images with the one changed that the plant is for, put first. Throws FuzzError when it is not there. */
export function planted(plant: EntryPlant, images: readonly VdsoImage[]): VdsoImage[] {
  const image = images.find(({ form, flavour }) => form === plant.form && flavour === plant.flavour);
  if (image === undefined)
    throw new FuzzError('NO_SUBJECT', `no ${plant.flavour} image of ${plant.form} to plant ${plant.id} in`);
  const changed = plant.change(image);
  return [{ ...changed, id: `${image.id}~${plant.id}` }, ...images];
}
