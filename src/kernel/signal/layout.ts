/**
 * Layout of i386 signal frames: offsets in bytes from the start of each structure, with the width of the field
 * (arch/x86/include/asm/sigframe.h, uapi/asm/sigcontext.h: struct sigcontext_32, struct _fpstate_32). The writer, the
 * reader, the conformance test and the reports share these tables.
 */
export interface Field {
  readonly at: number;
  readonly bytes: 2 | 4;
}

const word = (at: number): Field => ({ at, bytes: 4 });

export const sigcontext = {
  gs: word(0),
  fs: word(4),
  es: word(8),
  ds: word(12),
  edi: word(16),
  esi: word(20),
  ebp: word(24),
  esp: word(28),
  ebx: word(32),
  edx: word(36),
  ecx: word(40),
  eax: word(44),
  trapno: word(48),
  err: word(52),
  eip: word(56),
  cs: word(60),
  eflags: word(64),
  espAtSignal: word(68),
  ss: word(72),
  fpstate: word(76),
  oldmask: word(80),
  cr2: word(84),
} as const;

export type SigcontextField = keyof typeof sigcontext;
export const SIGCONTEXT_SIZE = 88;

/** Frame of a handler without SA_SIGINFO. The 624 unused bytes at 96 keep old binaries working. */
export const sigframe = { size: 732, pretcode: 0, sig: 4, context: 8, extramask: 720, retcode: 724 } as const;

/** Frame of a handler with SA_SIGINFO. */
export const rtSigframe = {
  size: 268,
  pretcode: 0,
  sig: 4,
  infoPointer: 8,
  contextPointer: 12,
  info: 16,
  ucontext: 144,
  ucFlags: 144,
  ucLink: 148,
  ucStack: 152,
  context: 164,
  sigmask: 252,
  retcode: 260,
} as const;

/** pop %eax; mov $119,%eax; int $0x80: never run, but debuggers know a signal frame by it. */
export const SIGRETURN_CODE = [0x58, 0xb8, 0x77, 0, 0, 0, 0xcd, 0x80];
/** mov $173,%eax; int $0x80; one byte of padding. */
export const RT_SIGRETURN_CODE = [0xb8, 0xad, 0, 0, 0, 0xcd, 0x80, 0];

/** struct _fpstate_32: an FSAVE image, then status and magic, then the FXSAVE image. */
export const fpstate = { fsaveSize: 108, status: 108, magic: 110, fxsave: 112, fxsaveSize: 512 } as const;

/** Offset of the bytes in an FXSAVE image that are left to software (struct _fpx_sw_bytes). */
export const FXSAVE_SOFTWARE = 464;
