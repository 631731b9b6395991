// LLVM's libunwind on i386 Linux. It differs from the standard's reading:
// - it takes the row in force before the last byte executed, also for a frame that was interrupted: one instruction late
//   wherever a row begins at the interrupted instruction (at a function's first one: the CIE's rules);
// - up to LLVM 18 it also looks the description itself up at the interrupted address minus one; from 19 on at the address;
// - trampolines without a description end the stack (it reads their code on AArch64, RISC-V and S390X only);
// - a register that is declared lost becomes 0.
// SOURCE: what libunwind/src/UnwindCursor.hpp (setInfoBasedOnIPRegister, step), DwarfParser.hpp and DwarfInstructions.hpp
// do; llvm-project pull request 92291 is what changed in 19.
import type { RegisterRule, Row } from '../types.js';
import type { FrameIndex } from './frame-index.js';
import { type Found, lookupAddress, type Reader } from './readers.js';
import type { FrameState } from './state.js';

/** DW_OP_lit0 as a value: what libunwind makes of an undefined rule. */
const ZERO: RegisterRule = { kind: 'valExpression', expression: Uint8Array.of(0x30) };
const zeroed = new WeakMap<Row, Row>();

function undefinedAsZero(row: Row): Row {
  const known = zeroed.get(row);
  if (known !== undefined) return known;
  const lost = [...row.registers].some(([, rule]) => rule.kind === 'undefined');
  const registers = new Map(
    [...row.registers].map(
      ([register, rule]) => [register, rule.kind === 'undefined' ? ZERO : rule] as const,
    ),
  );
  const made = lost ? { ...row, registers } : row;
  zeroed.set(row, made);
  return made;
}

function find(state: FrameState, index: FrameIndex, lookUpAt: number): Found | null {
  const description = index.find(lookUpAt);
  const row = description?.rowFor((state.pc - 1) >>> 0);
  if (description === null || row === undefined) return null;
  const { signalFrame, returnRegister } = description.fde.cie;
  return { row: undefinedAsZero(row), returnRegister, signalFrame };
}

export const libunwind18: Reader = {
  id: 'libunwind-18',
  title: 'LLVM’s libunwind up to 18',
  find: (state, index) => find(state, index, (state.pc - 1) >>> 0),
};

export const libunwind19: Reader = {
  id: 'libunwind-19',
  title: 'LLVM’s libunwind from 19 on',
  find: (state, index) => find(state, index, lookupAddress(state)),
};
