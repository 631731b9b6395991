// The table of unwinding for people: each instruction that was executed with its row and the truth, and what the readers
// of frame descriptions make of a signal at it.
import type { ReaderId } from '../cfi/unwind/index.js';
import type { ListedInstruction } from '../suite/listing.js';
import type { UnwindReport, UnwindVerdict, UnwoundInstruction } from '../suite/unwinding.js';
import { pad, plural, type Style } from './style.js';

const READERS: readonly (readonly [ReaderId, string])[] = [
  ['standard', 'as the standard has it'],
  ['libgcc', 'GCC’s libgcc'],
  ['libunwind-18', 'LLVM’s libunwind up to 18'],
  ['libunwind-19', 'LLVM’s libunwind from 19 on'],
];
const MARK: Readonly<Record<UnwindVerdict['kind'], string>> = {
  right: '+',
  wrong: 'X',
  undescribed: '-',
  unjudged: '?',
};
/** Places of readers' mistakes that are listed by name. */
const NAMED = 6;

const espPlus = (offset: number): string => `esp${offset < 0 ? '' : '+'}${offset}`;

function counted(verdicts: readonly UnwindVerdict[]): string {
  const of = (kind: UnwindVerdict['kind']) => verdicts.filter((verdict) => verdict.kind === kind).length;
  const words = [
    [of('right'), 'right'],
    [of('wrong'), 'wrong'],
    [of('undescribed'), 'without a description'],
    [of('unjudged'), 'unjudged'],
  ] as const;
  return words.flatMap(([count, word], i) => (count > 0 || i < 2 ? [`${count} ${word}`] : [])).join(', ');
}

function verdictText({ verdict, trueCfa }: UnwoundInstruction): string {
  switch (verdict.kind) {
    case 'right':
    case 'undescribed':
      return '';
    case 'unjudged':
      return verdict.reason;
    case 'wrong': {
      const { column, declared, actual } = verdict;
      const offset = column === 'CFA' && trueCfa !== null ? ` (${espPlus(trueCfa)})` : '';
      return `${column} is ${declared} by the row, in truth ${actual}${offset}`;
    }
  }
}

function instructionLines(
  instructions: readonly UnwoundInstruction[],
  at: (address: number) => ListedInstruction,
  style: Style,
): string[] {
  let symbol = '';
  return instructions.flatMap((instruction) => {
    const { place, row, trueCfa, verdict } = instruction;
    const line = at(place.address);
    const header = line.symbol === symbol ? [] : [`${line.symbol} (${line.object}):`];
    symbol = line.symbol;
    const truth = trueCfa === null ? '' : espPlus(trueCfa);
    const code = `${place.address.toString(16).padStart(8, '0')}  ${pad(line.bytes, 14)} ${pad(line.text, 34)}`;
    const text = `  ${MARK[verdict.kind]}  ${code} ${pad(truth, 8)} ${row ?? 'no description'}`;
    const more = verdictText(instruction);
    if (more === '') return [...header, text];
    return [...header, (verdict.kind === 'wrong' ? style.bad : style.doubt)(text), `       ${more}`];
  });
}

function readerLines({ fromHandlers }: UnwindReport): string[] {
  return READERS.flatMap(([id, title]) => {
    const verdicts = fromHandlers.map(({ place, readers }) => ({ place, verdict: readers[id] }));
    const names = (kind: UnwindVerdict['kind'], words: string): string[] => {
      const places = verdicts.filter(({ verdict }) => verdict.kind === kind).map(({ place }) => place.name);
      const more = places.length > NAMED ? ` and ${places.length - NAMED} more` : '';
      return places.length === 0 ? [] : [`      ${words} ${places.slice(0, NAMED).join(', ')}${more}`];
    };
    return [
      `  ${pad(title, 28)}${counted(verdicts.map(({ verdict }) => verdict))}`,
      ...names('wrong', 'wrong when the signal strikes before'),
      ...names('undescribed', 'ends too early when it strikes before'),
    ];
  });
}

export function unwindTableText(
  report: UnwindReport,
  at: (address: number) => ListedInstruction,
  style: Style,
): string {
  const { instructions, fromHandlers } = report;
  const looks = instructions.reduce((sum, instruction) => sum + instruction.looks, 0);
  return [
    '',
    style.bold(
      `unwinding: ${plural(looks, 'look')} at ${plural(instructions.length, 'instruction')}: ${counted(instructions.map(({ verdict }) => verdict))}`,
    ),
    style.dim(
      'gutter: + right, X wrong, - no description, ? unjudged; then the true CFA, and the row (c is the CFA it gives)',
    ),
    ...instructionLines(instructions, at, style),
    '',
    style.bold(`from a signal handler, at ${plural(fromHandlers.length, 'interrupted instruction')}:`),
    ...readerLines(report),
  ].join('\n');
}
