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
  /** Not at the point, which is in a call then, but before the first instruction after it: the restarted one, for instance. */
  readonly later?: true;
}

export interface Injection {
  readonly place: Place;
  readonly posts: readonly Post[];
}

/**
 * `10`, `p10` for the process, several joined by `+` in the order of posting; behind a comma, later ones. null when
 * malformed.
 */
export function parsePosts(text: string): Post[] | null {
  const posts: Post[] = [];
  const [now = '', then, ...more] = text.split(',');
  if (more.length > 0) return null;
  for (const [i, part] of [now, ...(then === undefined ? [] : [then])].entries()) {
    for (const one of part.split('+')) {
      const match = /^(p?)(\d{1,2})$/.exec(one);
      const sig = Number(match?.[2] ?? 0);
      if (match === null || sig < 1 || sig > 64) return null;
      posts.push({ sig, to: match[1] === 'p' ? 'process' : 'thread', ...(i > 0 && { later: true }) });
    }
  }
  return posts;
}

export function formatPosts(posts: readonly Post[]): string {
  const text = (some: readonly Post[]): string =>
    some.map(({ sig, to }) => `${to === 'process' ? 'p' : ''}${sig}`).join('+');
  const later = posts.filter(isLater);
  return text(posts.filter((post) => !isLater(post))) + (later.length > 0 ? `,${text(later)}` : '');
}

export const isLater = ({ later }: Post): boolean => later === true;

export function samePlace(a: Place, b: Place): boolean {
  return a.kind === b.kind && a.step === b.step;
}
