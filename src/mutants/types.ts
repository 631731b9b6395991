// What a mutant is made of: plain data that crosses threads and is written into the report.
export interface AssemblyInput {
  readonly text: string;
  readonly asFlags: readonly string[];
  readonly includeDirs: readonly string[];
}

/** A line of flat assembly; `data` is code that is written as bytes. */
export interface Item {
  readonly kind: 'label' | 'instruction' | 'data' | 'cfi' | 'directive';
  /** Of a label: its name. */
  readonly text: string;
}

export type ChangeKind =
  | 'deleted'
  | 'inverted'
  | 'swapped'
  | 'register'
  | 'label moved'
  | 'way in'
  | 'cfi dropped'
  | 'cfi off by four'
  | 'kernel model';

/** One small mistake. */
export interface Change {
  /** Where and what, such as `__cp_begin+1 jne __cp_cancel: inverted`; the same from run to run. */
  readonly name: string;
  readonly kind: ChangeKind;
  readonly items: readonly Item[];
}

/** Whose rule was broken where, or what else told the mutant from the original. */
export interface Killer {
  /** Id of a rule; or `not built` where the assembler, the linker or the loader refuses it, or `incomplete`. */
  readonly rule: string;
  /** Scenario and image; `frames` for the descriptions held against the code, without a run. */
  readonly where: string;
  readonly detail: string;
}

export interface MutantResult {
  readonly subject: string;
  readonly name: string;
  readonly kind: ChangeKind;
  /** Null: it survived. */
  readonly killer: Killer | null;
  /** Its code and its frame description are the original's, byte for byte. */
  readonly same: boolean;
  /** Of a frame description's mutant: which of the two checks of the description see it. */
  readonly seenBy?: { readonly static: boolean; readonly dynamic: boolean };
}
