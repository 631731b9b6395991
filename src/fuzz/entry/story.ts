// What happened in one case, instruction by instruction: the run that is wrong, and the one that shows what is right.
import { decodeOne } from '../../asm/index.js';
import type { Event } from '../../kernel/history.js';
import type { VdsoImage } from '../../vdso/index.js';
import type { World } from '../../world/world.js';
import { Draws } from '../core/draws.js';
import type { Finding } from '../core/target.js';
import type { SigreturnCase } from '../sigreturn/case.js';
import type { EntryCase } from './case.js';
import { isStrict } from './case.js';
import { EntryTarget, imageDraws } from './target.js';

export type StoryLine =
  | { readonly kind: 'instruction'; readonly address: number; readonly name: string; readonly text: string }
  | { readonly kind: 'event'; readonly event: Event };

export interface PlayedRun {
  /** Such as 'by __kernel_vsyscall, unified-4.4/syscall'. */
  readonly title: string;
  readonly lines: readonly StoryLine[];
}

export interface StageStory {
  readonly of: EntryCase | SigreturnCase;
  readonly image: VdsoImage;
  /** The image that it is compared with; null where that is `int $0x80` alone. */
  readonly other: VdsoImage | null;
  readonly finding: Finding | null;
  readonly inconclusive: string | null;
  readonly runs: readonly PlayedRun[];
}

const LONGEST = 15;

/** Plays the case once more, with every instruction noted. */
export function tellEntry(
  images: readonly [VdsoImage, ...VdsoImage[]],
  caseDraws: readonly number[],
): StageStory {
  const target = new EntryTarget(images);
  try {
    const draws = [...imageDraws(images.length > 1 ? 'second' : 'int80'), ...caseDraws];
    const { finding, inconclusive } = target.run(new Draws(draws));
    const trial = target.trial(new Draws(draws));
    const { of, image, other } = trial;
    const how = of.via === 'own' ? 'a fast instruction of its own' : '__kernel_vsyscall';
    const runs = [played(`by ${how}, ${image.form}`, (tracer) => target.player(trial, of.via, tracer))];
    if (isStrict(of)) {
      const title = other === null ? 'by int $0x80' : `by __kernel_vsyscall, ${other.form}`;
      runs.push(played(title, (tracer) => target.reference(trial, tracer)));
    }
    return { of, image, other, finding, inconclusive, runs };
  } finally {
    target.close();
  }
}

/** What plays a case with every instruction told. */
interface Playing {
  readonly world: World;
  onReady: ((events: number) => void) | null;
  play(): unknown;
  place(eip: number): string;
}

/** Plays it once more, with every instruction noted. */
export function played(title: string, make: (tracer: (eip: number) => void) => Playing): PlayedRun {
  const steps: { eip: number; events: number; bytes: Uint8Array | null }[] = [];
  let from = 0;
  const player = make((eip) => {
    const { world } = player;
    steps.push({ eip, events: world.history.length, bytes: world.cpu.read(eip, LONGEST) });
  });
  player.onReady = (events) => {
    from = events;
  };
  player.play();
  const { history } = player.world;
  const lines: StoryLine[] = [];
  let shown = from;
  const show = (until: number): void => {
    for (const event of history.slice(shown, until)) lines.push({ kind: 'event', event });
    shown = Math.max(shown, until);
  };
  for (const { eip, events, bytes } of steps) {
    show(events);
    const text = bytes === null ? '(no code here)' : (decodeOne(bytes, eip)?.text ?? '(bad)');
    lines.push({ kind: 'instruction', address: eip, name: player.place(eip), text });
  }
  show(history.length);
  return { title, lines };
}
