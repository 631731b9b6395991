// The program that cases of `entry` and `sigreturn` are played on: asm/fuzz/stage.S, in a world that stands at `ready`.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAssembly } from '../../asm/index.js';
import { type ElfFile, parseElf } from '../../elf/index.js';
import { CACHE, ROOT } from '../../suite/catalog.js';
import type { VdsoImage } from '../../vdso/index.js';
import { createWorld } from '../../world/create.js';
import type { WorldOptions } from '../../world/options.js';
import type { World, WorldSnapshot } from '../../world/world.js';
import { FuzzError } from '../core/errors.js';

/** Addresses of the stage's zone, as asm/fuzz/stage.S maps it: no access, four pages to write, one to read, nothing. */
export const ZONE = 0x40000000;
export const ZONE_WRITABLE = ZONE + 0x1000;
export const ZONE_READONLY = ZONE + 0x5000;
export const ZONE_END = ZONE + 0x6000;

export interface Stage {
  readonly elf: ElfFile;
  /** Of the executable, for the real kernel. */
  readonly path: string;
  readonly at: (symbol: string) => number;
}

let stage: Stage | undefined;

/** Built by GNU as and ld, or found from an earlier time. Throws FuzzError where that cannot be. */
export function theStage(): Stage {
  if (stage !== undefined) return stage;
  const name = 'asm/fuzz/stage.S';
  const built = buildAssembly({
    sources: [{ name, text: readFileSync(join(ROOT, name), 'utf8') }],
    cacheDir: join(CACHE, 'fuzz'),
    ldFlags: ['-static', '-z', 'noexecstack'],
  });
  if (!built.ok) throw new FuzzError('NO_STAGE', built.error.message);
  const parsed = parseElf(built.bytes, name);
  if (!parsed.ok) throw new FuzzError('NO_STAGE', parsed.error.message);
  const { elf } = parsed;
  const addresses = new Map(elf.symbols.map((symbol) => [symbol.name, symbol.value]));
  const at = (symbol: string): number => {
    const address = addresses.get(symbol);
    if (address === undefined) throw new FuzzError('NO_STAGE', `${name} has no symbol ${symbol}`);
    return address;
  };
  stage = { elf, path: built.path, at };
  return stage;
}

/** A world at `ready`, to go back to before each case. */
export interface StagedWorld {
  readonly image: VdsoImage;
  readonly world: World;
  readonly ready: WorldSnapshot;
}

/** `like` makes the world like a real process of this machine. */
export function openStage(image: VdsoImage, like?: WorldOptions['like']): StagedWorld {
  const { elf, at } = theStage();
  const options = { program: elf, vdso: image, args: ['stage'] };
  const created = createWorld(like === undefined ? options : { ...options, like });
  if (!created.ok) throw new FuzzError('NO_STAGE', created.error.message);
  const { world } = created;
  const ready = at('ready');
  const MOVES_MAX = 10_000;
  const isReady = () => world.current.phase.kind === 'user' && world.cpu.get('eip') === ready;
  for (let moves = 0; !isReady(); moves++) {
    if (moves > MOVES_MAX || world.schedule() !== null)
      throw new FuzzError('NO_STAGE', 'the stage does not get ready');
    world.advance(1);
  }
  return { image, world, ready: world.snapshot() };
}

/** Eight hexadecimal digits of a hash over the code that a case runs. */
export function stageHash(...images: readonly VdsoImage[]): string {
  const hash = createHash('sha256').update(theStage().elf.bytes);
  for (const { bytes } of images) hash.update(bytes);
  return hash.digest('hex').slice(0, 8);
}

/** An address of the stage for people, relative to its symbols. */
export function stagePlace(eip: number): string {
  const found = theStage().elf.symbolAt(eip);
  if (found === undefined) return 'elsewhere';
  return found.offset === 0 ? found.symbol.name : `${found.symbol.name}+${found.offset}`;
}
