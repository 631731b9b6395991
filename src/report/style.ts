import pc from 'picocolors';

/** Colours for people; off when the output is no terminal or NO_COLOR is set. */
export interface Style {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly doubt: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

export function styleFor(colour: boolean): Style {
  const colours = pc.createColors(colour);
  return {
    good: colours.green,
    bad: colours.red,
    doubt: colours.yellow,
    dim: colours.dim,
    bold: colours.bold,
  };
}

/** How a printed command begins: npx finds the one of the clone as well as an installed one. */
export const COMMAND = 'npx sigsweep';

/** Pads to a width, counting characters and not colour codes: pad first, colour afterwards. */
export function pad(text: string, width: number): string {
  return text.padEnd(width);
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en-GB')} ${noun}${count === 1 ? '' : 's'}`;
}
