// Call frame information as plain data: DWARF's .debug_frame and its GNU form .eh_frame.
// SOURCE: DWARF 5 section 6.4, LSB core "Exception Frames", i386 psABI table 2.14 (register numbers).
// Addresses and offsets are unsigned 32-bit numbers in bytes; CFA and rule offsets are signed.

/** DWARF's numbers of the i386 registers; 8 is the return address's column. */
export const REGISTER_NAMES = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi', 'ra'] as const;
export const DWARF_REGISTER = {
  eax: 0,
  ecx: 1,
  edx: 2,
  ebx: 3,
  esp: 4,
  ebp: 5,
  esi: 6,
  edi: 7,
  ra: 8,
} as const;

/** A place in code. `section` is 0 in linked files (the address is virtual), else the section it is an offset in. */
export interface Place {
  readonly section: number;
  readonly address: number;
}

/** An encoded pointer; `indirect` means that the address holds the pointer. */
export interface Pointer extends Place {
  readonly indirect: boolean;
  /** The undefined symbol it refers to in a relocatable object. */
  readonly symbol: string | undefined;
}

export type FrameSection = 'eh_frame' | 'debug_frame';

export interface Cie {
  /** Offset in its section. */
  readonly offset: number;
  readonly version: number;
  readonly augmentation: string;
  readonly codeAlign: number;
  readonly dataAlign: number;
  readonly returnRegister: number;
  /** DW_EH_PE of the FDEs' addresses and of their language-specific data. */
  readonly pointerEncoding: number;
  readonly lsdaEncoding: number;
  readonly personality: Pointer | undefined;
  /** 'S': the frame is a signal trampoline's; the caller was interrupted, it did not call. */
  readonly signalFrame: boolean;
  readonly program: Uint8Array;
}

export interface Fde {
  readonly offset: number;
  readonly cie: Cie;
  readonly start: Place;
  /** Bytes of code it covers. */
  readonly size: number;
  readonly lsda: Pointer | undefined;
  readonly program: Uint8Array;
}

/** Something that could not be read; what comes before it in the section still counts. */
export interface CfiProblem {
  readonly section: FrameSection | 'eh_frame_hdr';
  readonly offset: number;
  readonly message: string;
}

export interface FrameTable {
  readonly section: FrameSection;
  readonly cies: readonly Cie[];
  readonly fdes: readonly Fde[];
  readonly problems: readonly CfiProblem[];
}

export type CfaRule =
  | { readonly kind: 'register'; readonly register: number; readonly offset: number }
  | { readonly kind: 'expression'; readonly expression: Uint8Array };

/** Where the caller's value of a register is. A register without a rule: see DWARF 5 section 6.4.1, "unspecified". */
export type RegisterRule =
  | { readonly kind: 'undefined' }
  | { readonly kind: 'same' }
  /** In memory at CFA + offset. */
  | { readonly kind: 'offset'; readonly offset: number }
  /** The value is CFA + offset. */
  | { readonly kind: 'valOffset'; readonly offset: number }
  | { readonly kind: 'register'; readonly register: number }
  /** The expression, started with the CFA on its stack, gives the address it is at. */
  | { readonly kind: 'expression'; readonly expression: Uint8Array }
  | { readonly kind: 'valExpression'; readonly expression: Uint8Array };

/** The rules in force from `address` up to the next row's. */
export interface Row {
  readonly address: number;
  /** Undefined when no operation has given one yet: nothing can be unwound from there. */
  readonly cfa: CfaRule | undefined;
  readonly registers: ReadonlyMap<number, RegisterRule>;
  /** Bytes of arguments on the stack, as DW_CFA_GNU_args_size says. */
  readonly argsSize: number;
}
