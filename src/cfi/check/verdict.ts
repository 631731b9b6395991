// What the static check says of each function.

export interface Mismatch {
  /** In the file's address space; `place` is the same for people: 'read+0x1d'. */
  readonly address: number;
  readonly place: string;
  /** Offset in the section of a relocatable object, else the virtual address. */
  readonly offset: number;
  readonly section: string;
  readonly bytes: string;
  /** The instruction that the wrong row holds before. */
  readonly column: string;
  readonly row: string;
  readonly declared: string;
  readonly actual: string;
}

export type FunctionVerdict = {
  readonly name: string;
  readonly table: 'eh_frame' | 'debug_frame';
  /** Offset of its FDE in the table. */
  readonly fde: number;
  readonly start: number;
  readonly size: number;
  /** Instructions whose row was compared. */
  readonly instructions: number;
} & (
  | { readonly verdict: 'consistent' }
  | { readonly verdict: 'mismatch'; readonly mismatches: readonly Mismatch[] }
  | { readonly verdict: 'unjudged'; readonly reasons: readonly string[] }
);
