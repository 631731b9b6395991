// Every reporter by the name that --reporter takes.
import { github, githubSummary } from './github.js';
import { json } from './json.js';
import { junit } from './junit.js';
import { ktap } from './ktap.js';
import { sarif } from './sarif.js';
import { tap } from './tap.js';
import { text } from './text.js';
import type { Reporter } from './types.js';

export const REPORTERS: ReadonlyMap<string, Reporter> = new Map([
  ['text', text],
  ['json', json],
  ['tap', tap],
  ['ktap', ktap],
  ['junit', junit],
  ['sarif', sarif],
  ['github', github],
  ['github-summary', githubSummary],
]);

export type { Reporter, ReporterContext } from './types.js';
