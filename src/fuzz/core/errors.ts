// Errors of the fuzz itself: what it needs is not there.
export class FuzzError extends Error {
  constructor(
    /** NO_STAGE: asm/fuzz/stage.S cannot be built or run. BAD_CORPUS: a file of the corpus cannot be read. */
    readonly code: 'NO_STAGE' | 'BAD_CORPUS' | 'NO_SUBJECT',
    message: string,
  ) {
    super(message);
    this.name = 'FuzzError';
  }
}
