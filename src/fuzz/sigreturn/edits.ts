// What a handler may change of its frame: every field that there is, by name, with the values at which kernels go wrong.
// SOURCE: kernel/signal/layout.ts for the offsets; uapi/asm/sigcontext.h for struct _xstate.
import { FXSAVE_SOFTWARE, fpstate, rtSigframe, sigcontext, sigframe } from '../../kernel/signal/layout.js';
import type { Draws } from '../core/draws.js';
import { ZONE, ZONE_END, ZONE_READONLY, ZONE_WRITABLE } from '../entry/stage.js';
import { comparableFlags, comparableMask } from '../hardware/oracle.js';

/** A place in a frame: of the frame itself, of its sigcontext, or of the FPU area that it points to. */
type Part = 'frame' | 'rt frame' | 'context' | 'fpstate';

/** Bits are turned over where `how` is 'flip'; else the field is set. A text is a symbol of the stage or the vDSO. */
export interface FrameEdit {
  readonly field: string;
  readonly part: Part;
  readonly at: number;
  readonly bytes: 2 | 4;
  readonly how: 'set' | 'flip' | 'add';
  readonly value: number | string;
}

interface FieldKind {
  readonly field: string;
  readonly part: Part;
  readonly at: number;
  readonly bytes: 2 | 4;
  readonly draw: (draws: Draws) => Pick<FrameEdit, 'how' | 'value'>;
}

type DrawValue = FieldKind['draw'];

const set = (value: number | string): Pick<FrameEdit, 'how' | 'value'> => ({ how: 'set', value });
const word: DrawValue = (draws) => set(draws.word());
const flip: DrawValue = (draws) => ({ how: 'flip', value: (1 << draws.below(32)) >>> 0 });
const oneOf =
  (...values: readonly (number | string)[]): DrawValue =>
  (draws) =>
    draws.oneIn(6) ? word(draws) : set(draws.pick(values));

/** User code and data of either kernel, other privilege, kernel's own, TLS entries, the local table, nothing. */
const SELECTORS = [0, 0x2b, 0x23, 3, 0x2a, 0x28, 0x7b, 0x73, 0x63, 0x10, 0x18, 0x53, 7, 0x2f, 0xffff];
/** Without the code selector of 64-bit programs, which leaves what is modelled. */
const CODE_SELECTORS = [0x23, 0x20, 0x22, 0x2b, 0x73, 0x63, 0x10, 0, 7, 0xffff];
/** Nothing that makes a call: on the real kernel it would be any call. */
const CODE = ['quiet', 'after_int80', 'handler', 'desk'];
const STACKS = [
  ...[ZONE_READONLY - 256, ZONE_READONLY - 12, ZONE_READONLY, ZONE_WRITABLE + 700, ZONE_WRITABLE + 64],
  ...[ZONE + 8, ZONE_END, 0, 0xfffffffc],
];
const FPSTATES = [0, ZONE_WRITABLE, ZONE_READONLY, ZONE, ZONE_READONLY - 300, 0xc0000000, 0xffffff00];

const context = (field: keyof typeof sigcontext, draw: DrawValue): FieldKind => ({
  field,
  part: 'context',
  at: sigcontext[field].at,
  bytes: 4,
  draw,
});
const fpu = (field: string, at: number, bytes: 2 | 4, draw: DrawValue): FieldKind => ({
  field: `fpstate ${field}`,
  part: 'fpstate',
  at,
  bytes,
  draw,
});
const inFrame = (field: string, part: Part, at: number, draw: DrawValue): FieldKind => ({
  field,
  part,
  at,
  bytes: 4,
  draw,
});

const SOFTWARE = fpstate.fxsave + FXSAVE_SOFTWARE;
const XSAVE_HEADER = fpstate.fxsave + 512;
const half: DrawValue = (draws) => set(draws.below(65536));

const GENERAL = ['eax', 'ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp'] as const;
const IGNORED = ['trapno', 'err', 'espAtSignal', 'cr2'] as const;

const KINDS: readonly FieldKind[] = [
  ...GENERAL.map((field) => context(field, word)),
  context('eip', oneOf(...CODE)),
  context('esp', oneOf(...STACKS)),
  context('eflags', (draws) => (draws.below(2) === 0 ? flip(draws) : word(draws))),
  context('oldmask', word),
  ...(['gs', 'fs', 'es', 'ds', 'ss'] as const).map((field) => context(field, oneOf(...SELECTORS))),
  context('cs', (draws) => set(draws.pick(CODE_SELECTORS))),
  context('fpstate', (draws) =>
    draws.below(2) === 0 ? oneOf(...FPSTATES)(draws) : { how: 'add', value: draws.below(129) - 64 },
  ),
  ...IGNORED.map((field) => context(field, word)),
  inFrame('extramask', 'frame', sigframe.extramask, word),
  inFrame('sigmask 1..32', 'rt frame', rtSigframe.sigmask, word),
  inFrame('sigmask 33..64', 'rt frame', rtSigframe.sigmask + 4, word),
  inFrame('uc_flags', 'rt frame', rtSigframe.ucFlags, word),
  inFrame('uc_link', 'rt frame', rtSigframe.ucLink, word),
  inFrame('ss_sp', 'rt frame', rtSigframe.ucStack, oneOf('other_stack', ZONE_WRITABLE, 0)),
  inFrame('ss_flags', 'rt frame', rtSigframe.ucStack + 4, oneOf(0, 1, 2, 3, 4, 0x80000000, 0x80000001)),
  inFrame('ss_size', 'rt frame', rtSigframe.ucStack + 8, oneOf(8192, 2048, 2047, 0, 0xffffffff)),
  ...[0, 4, 8, 12, 16, 124].map((at) => inFrame(`siginfo+${at}`, 'rt frame', rtSigframe.info + at, word)),
  inFrame('sig', 'frame', sigframe.sig, word),
  // The other way to return: what was built as one kind of frame is read as the other.
  inFrame('pretcode', 'frame', 0, oneOf('sigreturn', 'rt_sigreturn', 'quiet')),
  fpu('cw', 0, 2, oneOf(0x37f, 0, 0xffff, 0x40)),
  fpu('sw', 4, 2, half),
  fpu('tag', 8, 2, oneOf(0xffff, 0, 0x5555, 0xaaaa)),
  fpu('cs', 16, 4, word),
  fpu('ds', 24, 4, word),
  ...[28, 32, 36, 98].map((at) => fpu(`st+${at - 28}`, at, 4, word)),
  fpu('status', fpstate.status, 2, half),
  fpu('magic', fpstate.magic, 2, half),
  fpu('fxsave cw', fpstate.fxsave, 2, half),
  fpu('fxsave st0', fpstate.fxsave + 32, 4, word),
  fpu('mxcsr', fpstate.fxsave + 24, 4, oneOf(0x1f80, 0xffff, 0x10000, 0x80001f80, 0)),
  ...[160, 172, 284].map((at) => fpu(`xmm+${at - 160}`, fpstate.fxsave + at, 4, word)),
  ...['magic1', 'extended_size', 'xfeatures', 'xfeatures high', 'xstate_size'].map((name, i) =>
    fpu(name, SOFTWARE + 4 * i, 4, i === 4 ? oneOf(0, 512, 576, 575, 832, 4096) : flip),
  ),
  fpu('xstate_bv', XSAVE_HEADER, 4, oneOf(0, 1, 2, 3, 7)),
  fpu('xcomp_bv', XSAVE_HEADER + 8, 4, flip),
  fpu('xsave header', XSAVE_HEADER + 16, 4, flip),
];

export function drawEdit(draws: Draws): FrameEdit {
  const { draw, ...kind } = draws.pick(KINDS);
  return { ...kind, ...draw(draws) };
}

/** Bytes to be written. */
export interface Write {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Where the parts of a frame are; a part that is not there cannot be changed. */
function addressOf({ part, at }: FrameEdit, frame: number, rt: boolean, fpstateAt: number): number | null {
  switch (part) {
    case 'frame':
      return frame + at;
    case 'rt frame':
      return rt ? frame + at : null;
    case 'context':
      return frame + (rt ? rtSigframe.context : sigframe.context) + at;
    case 'fpstate':
      return fpstateAt === 0 ? null : fpstateAt + at;
  }
}

/** `read` gives a word of the frame as it is, null where nothing is mapped; `symbol` an address. */
export function writeOf(
  edit: FrameEdit,
  { frame, rt }: { frame: number; rt: boolean },
  read: (address: number) => number | null,
  symbol: (name: string) => number,
): Write | null {
  const context = frame + (rt ? rtSigframe.context : sigframe.context);
  const address = addressOf(edit, frame, rt, read(context + sigcontext.fpstate.at) ?? 0);
  const old = address === null ? null : read(address >>> 0);
  if (address === null || old === null) return null;
  const value = typeof edit.value === 'string' ? symbol(edit.value) : edit.value;
  const result = edit.how === 'set' ? value : edit.how === 'flip' ? old ^ value : old + value;
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, result >>> 0, true);
  return { address: address >>> 0, bytes: bytes.subarray(0, edit.bytes) };
}

/** Without what observing a real process changes: SIGTRAP's place in masks, and flags that are the tracer's. */
export function comparableEdit(edit: FrameEdit): FrameEdit {
  if (typeof edit.value === 'string') return edit;
  if (edit.field === 'eflags') return { ...edit, value: comparableFlags(edit.value) };
  if (MASKS.includes(edit.field)) return { ...edit, value: comparableMask([edit.value, 0])[0] };
  return edit;
}

const MASKS = ['oldmask', 'sigmask 1..32'];
