// What set-up says: one line a step on stderr, readable by somebody who has never seen the project.

/** @param {number} bytes @returns {string} e.g. `51.9 MB`, `8.3 kB` (powers of ten, as apt prints them) */
export const size = (bytes) =>
  bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e3).toFixed(1)} kB`;

/** @param {string} text */
export const say = (text) => {
  process.stderr.write(`sigsweep: ${text}\n`);
};

/** A failure with a message for people: no stack is printed. `exitCode` 3 = the tool can't work here. */
export class SetupError extends Error {
  exitCode = 3;
  /** @param {string} code stable, for scripts @param {string} message what, where, what to do */
  constructor(code, message, options) {
    super(message, options);
    this.code = code;
  }
}

/** Runs a script's main function and turns a SetupError into one line and an exit code. @param {() => unknown} main */
export const runMain = async (main) => {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    for (const line of error.message.split('\n')) say(line);
    process.exitCode = error.exitCode;
  }
};
