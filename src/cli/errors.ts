/** A mistake in the words of a command: one line and exit code 64. */
export class UsageError extends Error {
  readonly code = 'USAGE';
}

/** Something that the command needs is not there or cannot be read: one line and exit code 3. */
export class InputError extends Error {
  readonly code = 'INPUT';
}
