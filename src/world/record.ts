import type { Event } from '../kernel/history.js';
import type { Ending } from './world.js';

/** One finished run as rules see it: plain data, nothing of the engine. */
export interface RunRecord {
  readonly history: readonly Event[];
  readonly ending: Ending;
  /** The thread under test. */
  readonly target: number;
  /** The C library's cancellation signal. */
  readonly signal: number;
}
