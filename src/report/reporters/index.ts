// Every reporter by the name that --reporter takes.
import { json } from './json.js';
import { text } from './text.js';
import type { Reporter } from './types.js';

export const REPORTERS: ReadonlyMap<string, Reporter> = new Map([
  ['text', text],
  ['json', json],
]);

export type { Reporter, ReporterContext } from './types.js';
