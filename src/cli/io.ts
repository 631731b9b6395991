import { SCHEMA_VERSION } from '../report/json.js';

/** What a command may touch of the outside; tests give their own. */
export interface Io {
  readonly out: (text: string | Uint8Array) => void;
  readonly err: (text: string | Uint8Array) => void;
  /** Progress is shown only to people. */
  readonly progress: boolean;
  readonly colour: boolean;
}

export const EXIT = { clean: 0, violation: 1, inconclusive: 2, broken: 3, usage: 64 } as const;

export function processIo(): Io {
  const { NO_COLOR } = process.env;
  const colour = process.stdout.isTTY === true && (NO_COLOR ?? '') === '';
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    progress: process.stderr.isTTY === true,
    colour,
  };
}

/** One JSON document with the schema's version; see report/json.ts. */
export function writeJson(io: Io, value: object): void {
  io.out(`${JSON.stringify({ schema: SCHEMA_VERSION, ...value }, null, 2)}\n`);
}
