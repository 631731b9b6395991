// Exit codes for the tool that runs sigsweep. SOURCES: git-bisect(1), "Bisect run" (125 = cannot be tested, above 127 = stop);
// the kernel's tools/testing/selftests/kselftest.h (1 = fail, 4 = skip); glibc's support/test-driver.h (1 = fail, 77 =
// unsupported). A broken tool never looks like a skipped test.
import { type Command, Option } from 'commander';

export const EXIT_STYLES = ['sigsweep', 'bisect', 'kselftest', 'glibc'] as const;
export type ExitStyle = (typeof EXIT_STYLES)[number];

/** By sigsweep's own code: clean, violation, inconclusive, broken, usage. */
const CODES: Readonly<Record<Exclude<ExitStyle, 'sigsweep'>, ReadonlyMap<number, number>>> = {
  bisect: new Map([
    [0, 0],
    [1, 1],
    [2, 125],
    [3, 128 + 3],
    [64, 128 + 64],
  ]),
  kselftest: new Map([
    [0, 0],
    [1, 1],
    [2, 4],
    [3, 1],
    [64, 1],
  ]),
  glibc: new Map([
    [0, 0],
    [1, 1],
    [2, 77],
    [3, 1],
    [64, 1],
  ]),
};

/** sigsweep's exit code (see EXIT) in the words of another tool. */
export function exitCodeIn(style: ExitStyle, code: number): number {
  if (style === 'sigsweep') return code;
  return CODES[style].get(code) ?? code;
}

function isStyle(text: string): text is ExitStyle {
  return EXIT_STYLES.some((style) => style === text);
}

/** Gives a command the option; `chosen` also hears it when the command line is refused later on. */
export function addExitStyle(command: Command, chosen: (style: ExitStyle) => void): void {
  command.addOption(
    new Option('--exit-style <style>', 'exit codes as this tool wants them (see docs/exit-codes.md)')
      .choices(EXIT_STYLES)
      .default('sigsweep'),
  );
  command.on('option:exit-style', (text: string) => {
    if (isStyle(text)) chosen(text);
  });
}
