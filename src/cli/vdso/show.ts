// The disassembly of one image's __kernel_vsyscall, with the places that matter to a signal.
import { disassemble } from '../../asm/index.js';
import { pad, type Style } from '../../report/style.js';
import type { VdsoImage } from '../../vdso/index.js';
import { originOf } from '../sidecar.js';

export type PlaceMark = 'trap' | 'landing pad' | 'restart';

export interface ShownInstruction {
  /** Offset in __kernel_vsyscall, in bytes. */
  readonly offset: number;
  /** Hexadecimal, without blanks. */
  readonly bytes: string;
  /** AT&T syntax. */
  readonly text: string;
  readonly marks: readonly PlaceMark[];
}

/** The instructions of the function, without what fills the gap behind it. */
export function entryCode(image: VdsoImage): ShownInstruction[] {
  const { vsyscall, vsyscallSize } = image;
  const named = (target: number) => `__kernel_vsyscall+${target}`;
  const shown = disassemble(image.bytes.subarray(vsyscall, vsyscall + vsyscallSize), 0, named).map(
    ({ address, bytes, text }) => ({
      offset: address,
      bytes: Buffer.from(bytes).toString('hex'),
      text,
      marks: marksAt(image, vsyscall + address),
    }),
  );
  const last = shown.findLastIndex(({ text }) => text === 'ret');
  return last < 0 ? shown : shown.slice(0, last + 1);
}

function marksAt({ trap, landingPad, restart }: VdsoImage, at: number): PlaceMark[] {
  const places: readonly (readonly [PlaceMark, number])[] = [
    ['trap', trap],
    ['restart', restart],
    ['landing pad', landingPad],
  ];
  return places.flatMap(([mark, place]) => (place === at ? [mark] : []));
}

const MEANING: Readonly<Record<PlaceMark, string>> = {
  trap: 'trap: enters the kernel',
  restart: 'S: a restarted call resumes here',
  'landing pad': 'R: the kernel returns here',
};

export function entryText(image: VdsoImage, style: Style): string {
  const { id, form, cpu, flavour } = image;
  const origin = originOf(id);
  const from = origin === null ? '' : `, kernel ${origin.release}`;
  const lines = entryCode(image).map(({ offset, bytes, text, marks }) => {
    const meaning = marks.map((mark) => MEANING[mark]).join('; ');
    const line = `  +${pad(`0x${offset.toString(16)}`, 6)}${pad(bytes, 16)}`;
    return meaning === '' ? `${line}${text}` : `${line}${pad(text, 24)}${style.bold(`<- ${meaning}`)}`;
  });
  return [
    `${style.bold(id)}: form ${form}, for a CPU that enters by ${cpu}, ${flavour} kernel${from}`,
    '__kernel_vsyscall:',
    ...lines,
    '',
  ].join('\n');
}
