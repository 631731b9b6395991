// The unwinder of GCC's libgcc on i386 Linux. It differs from the standard's reading in two ways:
// - where nothing describes the code, it looks at the bytes: a trampoline that makes sigreturn or rt_sigreturn is a
//   signal frame, whose registers are in the sigcontext;
// - the code that makes rt_sigreturn is a signal frame even if its description lacks the mark; sigreturn's is not.
// An undefined rule is read as "unchanged", but for the return address, where it ends the stack.
// SOURCE: what GCC 12's libgcc/unwind-dw2.c and libgcc/config/i386/linux-unwind.h do; judged by running it (test/unwind).
import { DWARF_REGISTER, type RegisterRule, type Row } from '../types.js';
import { type Found, type Reader, standard } from './readers.js';
import type { FrameState, Memory } from './state.js';

/** Offsets in struct sigcontext by DWARF register, see asm/sigcontext.h; 8 is the return address's column. */
const SIGCONTEXT: readonly (readonly [number, number])[] = [
  [DWARF_REGISTER.edi, 16],
  [DWARF_REGISTER.esi, 20],
  [DWARF_REGISTER.ebp, 24],
  [DWARF_REGISTER.ebx, 32],
  [DWARF_REGISTER.edx, 36],
  [DWARF_REGISTER.ecx, 40],
  [DWARF_REGISTER.eax, 44],
  [DWARF_REGISTER.ra, 56],
];
const SIGCONTEXT_ESP = 28;
/** Where the sigcontext is, from ESP at the trampoline's first instruction. */
const CONTEXT_AT = { sigreturn: 4, rtSigreturn: 160 } as const;

type Trampoline = keyof typeof CONTEXT_AT;

/** `58 b8 77000000 cd80` and `b8 ad000000 cd80` (rt), at exactly this address. */
function trampolineAt(pc: number, memory: Memory): Trampoline | null {
  const [low, high] = [memory.readU32(pc) ?? 0, memory.readU32((pc + 4) >>> 0) ?? 0];
  if (low === 0x0077b858 && high === 0x80cd0000) return 'sigreturn';
  return low === 0x0000adb8 && (high & 0xffffff) === 0x80cd00 ? 'rtSigreturn' : null;
}

function fallback(kind: Trampoline, state: FrameState, memory: Memory): Found | null {
  const context = (state.cfa + CONTEXT_AT[kind]) >>> 0;
  const cfa = memory.readU32((context + SIGCONTEXT_ESP) >>> 0);
  if (cfa === null) return null;
  const registers = new Map(
    SIGCONTEXT.map(([register, offset]): [number, RegisterRule] => [
      register,
      { kind: 'offset', offset: (context + offset - cfa) | 0 },
    ]),
  );
  const rule = { kind: 'register', register: DWARF_REGISTER.esp, offset: (cfa - state.cfa) | 0 } as const;
  const row: Row = { address: state.pc, cfa: rule, registers, argsSize: 0 };
  return { row, returnRegister: DWARF_REGISTER.ra, signalFrame: true, fromCode: true };
}

const keptRows = new WeakMap<Row, Row>();

/** The row with its undefined rules left out, but for the return address. */
function undefinedAsUnchanged(row: Row, returnRegister: number): Row {
  const known = keptRows.get(row);
  if (known !== undefined) return known;
  const registers = new Map(
    [...row.registers].filter(([register, rule]) => rule.kind !== 'undefined' || register === returnRegister),
  );
  const kept = registers.size === row.registers.size ? row : { ...row, registers };
  keptRows.set(row, kept);
  return kept;
}

export const libgcc: Reader = {
  id: 'libgcc',
  title: 'GCC’s libgcc',
  find: (state, index, memory) => {
    const found = standard.find(state, index, memory);
    const kind = found?.signalFrame === true ? null : trampolineAt(state.pc, memory);
    if (found === null) return kind === null ? null : fallback(kind, state, memory);
    const row = undefinedAsUnchanged(found.row, found.returnRegister);
    return { ...found, row, signalFrame: found.signalFrame || kind === 'rtSigreturn' };
  },
};
