/** The tool itself broke while it drove a native process; user errors are results, not exceptions. */
export type NativeErrorCode =
  /** A system call that has to work failed. */
  | 'SYSTEM_CALL'
  /** The process did something the driver did not ask for. */
  | 'UNEXPECTED_STOP'
  /** Nothing happened for too long. */
  | 'HUNG';

export class NativeError extends Error {
  constructor(
    readonly code: NativeErrorCode,
    message: string,
  ) {
    super(message);
    this.name = 'NativeError';
  }
}

/**
 * A busy machine, or a virtual one that is paused, may keep a process from moving for as long as a hang takes; one that hangs
 * twice does hang.
 */
export function againAfterHang<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof NativeError) || error.code !== 'HUNG') throw error;
    return run();
  }
}
