// What the pairs found in shipped code happens on this machine's kernel too, and the model says the same.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseElf } from '../../src/elf/index.js';
import { allImages, allLibcs, CACHE } from '../../src/suite/catalog.js';
import { createWorld } from '../../src/world/create.js';

const SIGALRM = 14;
/** The alarm ends it: the thread was never cancelled. */
const HANGS = { kind: 'killed', sig: SIGALRM };
const EXPECTED = new Map<string, object>([
  ['musl-1.2.3', HANGS],
  ['glibc-2.36', { kind: 'exited', status: 0 }],
  ['glibc-2.41', HANGS],
]);

function inModel(path: string): unknown {
  const parsed = parseElf(new Uint8Array(readFileSync(path)), path);
  const image = allImages().find((one) => one.ok);
  if (!parsed.ok || !image?.ok) throw new Error('no program or no image');
  const created = createWorld({ program: parsed.elf, vdso: image.image, args: [path] });
  if (!created.ok) throw new Error(created.error.message);
  const ending = created.world.run();
  created.world.close();
  return ending?.kind === 'ended' ? ending.exit : ending;
}

describe('a cancellation that arrives while a handler has disabled it', () => {
  for (const libc of allLibcs().filter((one) => EXPECTED.has(one))) {
    const path = join(CACHE, 'programs', libc, 'findings', 'toggle');
    const native = existsSync(path) ? spawnSync(path, { encoding: 'utf8' }) : null;
    const runs = native !== null && native.error === undefined;

    it(`ends in the model for ${libc} as it does natively`, () => {
      expect(inModel(path)).toEqual(EXPECTED.get(libc));
    });

    it.skipIf(!runs)(`does natively for ${libc} what the model says`, () => {
      const exit = native?.signal === 'SIGALRM' ? HANGS : { kind: 'exited', status: native?.status ?? -1 };
      expect(exit).toEqual(EXPECTED.get(libc));
    });
  }
});
