// A finding as a test to paste into a project that uses the package: it fails as long as the finding is there.
import type { TokenRun } from '../fuzz/run-token.js';

/** JavaScript for vitest; what was found stands in it as a comment. */
export function vitestCase({ token, broken, why }: TokenRun): string {
  const oneLine = (text: string) => text.replace(/\s+/g, ' ');
  const found = broken.map(({ rule, place, detail }) =>
    oneLine(`// ${rule}${place === '' ? '' : ` at ${place}`}: ${detail}`),
  );
  const rules = [...new Set(broken.map(({ rule }) => rule))].join(' and ');
  const title = rules === '' ? 'every rule holds' : `${rules} ${rules.includes(' and ') ? 'hold' : 'holds'}`;
  return [
    "import 'sigsweep/vitest';",
    "import { runToken } from 'sigsweep';",
    "import { expect, it } from 'vitest';",
    '',
    ...(why === '' ? found : [`// not judged: ${oneLine(why)}`]),
    `it(${JSON.stringify(title)}, async () => {`,
    `  await expect(runToken(${JSON.stringify(token)})).toBeClean();`,
    '});',
    '',
  ].join('\n');
}
