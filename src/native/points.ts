/**
 * Where in a run signals are posted, and which. A point is counted in instructions since the start of comparing; a call
 * has points of its own: on entry before it looks at anything, asleep, and on the way out.
 */
import type { Pair } from './pair.js';

export type PlaceKind = 'user' | 'entry' | 'asleep' | 'exit';

export interface Place {
  readonly kind: PlaceKind;
  /** Instructions executed before it. */
  readonly step: number;
}

export interface Visited extends Place {
  readonly eip: number;
}

/** Something done to both alike when they stand at a place. Deeds are done in order, and one at a time. */
export interface Deed {
  readonly place: Place;
  readonly perform: (pair: Pair) => void;
}

export interface Post {
  readonly sig: number;
  /** To the thread, as tgkill, or to the process, as kill. */
  readonly to: 'thread' | 'process';
}

export interface Injection {
  readonly place: Place;
  readonly posts: readonly Post[];
}

/** `10`, `p10` for the process, several joined by `+` in the order of posting. null when malformed. */
export function parsePosts(text: string): Post[] | null {
  const posts: Post[] = [];
  for (const part of text.split('+')) {
    const match = /^(p?)(\d{1,2})$/.exec(part);
    const sig = Number(match?.[2] ?? 0);
    if (match === null || sig < 1 || sig > 64) return null;
    posts.push({ sig, to: match[1] === 'p' ? 'process' : 'thread' });
  }
  return posts;
}

export function formatPosts(posts: readonly Post[]): string {
  return posts.map(({ sig, to }) => `${to === 'process' ? 'p' : ''}${sig}`).join('+');
}

export function samePlace(a: Place, b: Place): boolean {
  return a.kind === b.kind && a.step === b.step;
}
