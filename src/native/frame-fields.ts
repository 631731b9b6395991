/**
 * The fields of a signal frame by name, with what is compared of each (kernel/signal/layout.ts). Bytes that no field
 * covers are not defined by Linux or not by its model; `unclaimed` says which and why.
 */
import { FXSAVE_SOFTWARE, fpstate, rtSigframe, sigcontext, sigframe } from '../kernel/signal/layout.js';

export interface NamedField {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
  /** Bits that count; all when absent. */
  readonly mask?: number;
  /** A segment selector: 0 to 3 are all the null one, and which of them depends on whether an IRET came by. */
  readonly selector?: true;
}

const SEGMENTS = new Set(['gs', 'fs', 'es', 'ds']);

/** The resume flag is the debugger's: it depends on how the process was stopped. */
const EFLAGS_MASK = ~0x10000 >>> 0;

function contextFields(base: number): NamedField[] {
  return Object.entries(sigcontext).map(([name, { at, bytes }]) => ({
    name: `sigcontext.${name}`,
    at: base + at,
    bytes,
    ...(name === 'eflags' ? { mask: EFLAGS_MASK } : {}),
    ...(SEGMENTS.has(name) ? { selector: true as const } : {}),
  }));
}

const word = (name: string, at: number): NamedField => ({ name, at, bytes: 4 });

export const SIGFRAME_FIELDS: readonly NamedField[] = [
  word('pretcode', sigframe.pretcode),
  word('sig', sigframe.sig),
  ...contextFields(sigframe.context),
  word('extramask', sigframe.extramask),
  { name: 'retcode', at: sigframe.retcode, bytes: 8 },
];

export const RT_SIGFRAME_FIELDS: readonly NamedField[] = [
  word('pretcode', rtSigframe.pretcode),
  word('sig', rtSigframe.sig),
  word('pinfo', rtSigframe.infoPointer),
  word('puc', rtSigframe.contextPointer),
  ...Array.from({ length: 32 }, (_, i) => word(`siginfo+${4 * i}`, rtSigframe.info + 4 * i)),
  word('uc_flags', rtSigframe.ucFlags),
  word('uc_link', rtSigframe.ucLink),
  word('uc_stack.ss_sp', rtSigframe.ucStack),
  word('uc_stack.ss_flags', rtSigframe.ucStack + 4),
  word('uc_stack.ss_size', rtSigframe.ucStack + 8),
  ...contextFields(rtSigframe.context),
  word('uc_sigmask.low', rtSigframe.sigmask),
  word('uc_sigmask.high', rtSigframe.sigmask + 4),
  { name: 'retcode', at: rtSigframe.retcode, bytes: 8 },
];

/** The sticky exception flags, the busy and error bits that follow from them, and C1: the emulator never sets them. */
const FSW_MASK = ~0x82ff & 0xffff;
const MXCSR_MASK = ~0x3f >>> 0;
/** Without the control word's reserved bits: the kernel shows them as given until the CPU has loaded them. */
const FCW_MASK = 0x1f3f;

function fxsaveFields(base: number): NamedField[] {
  return [
    { name: 'fxsave.fcw', at: base, bytes: 2, mask: FCW_MASK },
    { name: 'fxsave.fsw', at: base + 2, bytes: 2, mask: FSW_MASK },
    { name: 'fxsave.ftw', at: base + 4, bytes: 1 },
    { name: 'fxsave.mxcsr', at: base + 24, bytes: 4, mask: MXCSR_MASK },
    ...Array.from({ length: 8 }, (_, i) => ({ name: `fxsave.st${i}`, at: base + 32 + 16 * i, bytes: 10 })),
    ...Array.from({ length: 8 }, (_, i) => ({ name: `fxsave.xmm${i}`, at: base + 160 + 16 * i, bytes: 16 })),
  ];
}

/** Of an FXSAVE image by itself. */
export const FXSAVE_FIELDS: readonly NamedField[] = fxsaveFields(0);

/** `xsaveSize` is null on a CPU without XSAVE. */
export function fpstateFields(xsaveSize: number | null): readonly NamedField[] {
  const software = fpstate.fxsave + FXSAVE_SOFTWARE;
  return [
    { name: 'fsave.cw', at: 0, bytes: 4, mask: (0xffff0000 | FCW_MASK) >>> 0 },
    { name: 'fsave.sw', at: 4, bytes: 4, mask: (0xffff0000 | FSW_MASK) >>> 0 },
    word('fsave.tag', 8),
    word('fsave.cs', 16),
    // Without the privilege bits, which a null selector may have or not.
    { name: 'fsave.ds', at: 24, bytes: 4, mask: 0xfffffffc },
    ...Array.from({ length: 8 }, (_, i) => ({ name: `fsave.st${i}`, at: 28 + 10 * i, bytes: 10 })),
    { name: 'fpstate.status', at: fpstate.status, bytes: 2, mask: FSW_MASK },
    { name: 'fpstate.magic', at: fpstate.magic, bytes: 2 },
    ...fxsaveFields(fpstate.fxsave),
    ...['magic1', 'extended_size', 'xfeatures.low', 'xfeatures.high', 'xstate_size'].map((name, i) =>
      word(`sw_reserved.${name}`, software + 4 * i),
    ),
    ...(xsaveSize === null ? [] : [word('magic2', fpstate.fxsave + xsaveSize)]),
  ];
}

/** Bytes of a frame that are not compared, and why: for the report and docs/fidelity.md. */
export const UNCLAIMED: readonly { readonly what: string; readonly reason: string }[] = [
  { what: 'sigframe 96..719', reason: 'unused by Linux, which leaves there what was on the stack' },
  {
    what: 'x87 last instruction and operand pointers, last opcode (fsave 12, 20; fxsave 6..23)',
    reason: 'CPUs differ: some keep them only after an unmasked exception; the emulator never',
  },
  { what: 'fxsave mxcsr_mask (28..31)', reason: 'a constant of the CPU' },
  { what: 'fxsave reserved bytes (288..463) and tails of st0..7', reason: 'reserved by the architecture' },
  { what: 'software bytes 484..511', reason: 'padding of struct _fpx_sw_bytes' },
  {
    what: 'XSAVE header and extended area (fxsave 512 and up, without the end mark)',
    reason: 'which components are in use, and AVX and later registers, are not in the model',
  },
  {
    what: 'exception flags of FSW and MXCSR, C1',
    reason: 'the emulator does not keep them (src/cpu/cpu.ts)',
  },
  {
    what: 'reserved bits of the x87 control word',
    reason: 'they are what a handler has put there until the CPU loads them, and then what they always are',
  },
  {
    what: 'trapno and err, where they are those of a debug trap or a breakpoint',
    reason: 'they show the last exception of the thread, and observing causes some',
  },
  { what: 'RF in eflags', reason: 'set by the way the real process was stopped' },
];
