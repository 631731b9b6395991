// The report as it is, for machines. The schema is published as docs/check.schema.json; a change that removes or renames a
// field raises its version.
import type { Reporter } from './types.js';

export const CHECK_SCHEMA_VERSION = 1;

export const json: Reporter = (report, { version }) =>
  `${JSON.stringify({ schema: CHECK_SCHEMA_VERSION, kind: 'sigsweep-check', version, ...report }, null, 2)}\n`;
