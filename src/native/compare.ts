/** Comparing registers, frames, masks and the FPU of the model with those of the real process. */
import { rtSigframe, sigcontext, sigframe } from '../kernel/signal/layout.js';
import { selectorOf } from '../kernel/signal/selectors.js';
import type { World } from '../world/world.js';
import { type Comparison, hex } from './difference.js';
import {
  FXSAVE_FIELDS,
  fpstateFields,
  type NamedField,
  RT_SIGFRAME_FIELDS,
  SIGFRAME_FIELDS,
} from './frame-fields.js';
import type { Registers } from './registers.js';
import type { SignalBits, Tracee } from './tracee.js';

const GENERAL = ['eax', 'ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp', 'esp', 'eip'] as const;
const SEGMENTS = ['cs', 'ds', 'es', 'fs', 'gs', 'ss'] as const;

/** RF is the debugger's. */
const COMPARED_FLAGS = ~0x10000 >>> 0;

export type ModelRegisters = Readonly<
  Record<(typeof GENERAL)[number] | (typeof SEGMENTS)[number] | 'eflags', number>
>;

export function modelRegisters({ cpu, kernel, current }: World): ModelRegisters {
  const values: Record<string, number> = { eflags: cpu.getEflags() };
  for (const name of GENERAL) values[name] = cpu.get(name);
  for (const name of SEGMENTS) values[name] = selectorOf(kernel, current, name);
  return values as ModelRegisters;
}

/** All equal, in the common case without making objects for a report. */
export function registersEqual(
  { cpu, kernel, current }: World,
  native: Registers,
  undefinedFlags: number,
): boolean {
  return (
    GENERAL.every((name) => cpu.get(name) === native[name]) &&
    SEGMENTS.every((name) => notNull(selectorOf(kernel, current, name)) === notNull(native[name] & 0xffff)) &&
    ((cpu.getEflags() ^ native.eflags) & COMPARED_FLAGS & ~undefinedFlags) === 0
  );
}

export function compareRegisters(
  comparison: Comparison,
  prefix: string,
  model: ModelRegisters,
  native: Registers,
): void {
  for (const name of GENERAL) comparison.word(`${prefix}${name}`, model[name], native[name]);
  for (const name of SEGMENTS)
    comparison.word(`${prefix}${name}`, notNull(model[name]), notNull(native[name] & 0xffff));
  comparison.word(`${prefix}eflags`, model.eflags & COMPARED_FLAGS, native.eflags & COMPARED_FLAGS);
}

/** 0 to 3 are all the null selector: which of them a register shows depends on whether an IRET came by. */
function notNull(selector: number): number {
  return selector <= 3 ? 0 : selector;
}

function textOf(bytes: Uint8Array, { at, bytes: length, mask, selector }: NamedField): string {
  const part = bytes.subarray(at, at + length);
  if (length > 4) return Buffer.from(part).toString('hex');
  const value = part.reduceRight((sum, byte) => (sum * 256 + byte) >>> 0, 0);
  return hex(selector ? notNull(value) : mask === undefined ? value : value & mask);
}

/** Both hold the same structure; null is one that could not be read. */
export function compareFields(
  comparison: Comparison,
  fields: readonly NamedField[],
  model: Uint8Array | null,
  native: Uint8Array | null,
): void {
  if (model === null || native === null) {
    const state = (bytes: Uint8Array | null) => (bytes === null ? 'unreadable' : 'there');
    comparison.text('frame', state(model), state(native));
    return;
  }
  for (const field of fields) comparison.text(field.name, textOf(model, field), textOf(native, field));
}

export function compareFpu(comparison: Comparison, model: Uint8Array, native: Uint8Array): void {
  compareFields(comparison, FXSAVE_FIELDS, model, native);
}

/** A frame of the model as it was when it was built. */
export interface ModelFrame {
  readonly siginfo: boolean;
  readonly address: number;
  readonly bytes: Uint8Array | null;
  readonly fpstateAddress: number;
  readonly fpstate: Uint8Array | null;
}

export function compareFrame(
  comparison: Comparison,
  world: World,
  frame: ModelFrame,
  tracee: Tracee,
  xsaveSize: number | null,
): void {
  const { bytes, fpstate, siginfo } = frame;
  const native = bytes && tracee.read(frame.address, bytes.length);
  if (native) forgetDebugTrap(world, frame, native);
  compareFields(comparison, siginfo ? RT_SIGFRAME_FIELDS : SIGFRAME_FIELDS, bytes, native);
  const nativeFpu = fpstate && tracee.read(frame.fpstateAddress, fpstate.length);
  compareFields(comparison, fpstateFields(xsaveSize), fpstate, nativeFpu);
}

/**
 * trapno and err are of the thread's last exception, and our steps and breakpoints are exceptions too: where the real frame
 * shows one of those there is nothing to compare, and the model's frame gets the same.
 */
function forgetDebugTrap(world: World, frame: ModelFrame, native: Uint8Array): void {
  const context = frame.siginfo ? rtSigframe.context : sigframe.context;
  const trapno = native[context + sigcontext.trapno.at];
  if (trapno !== DEBUG && trapno !== BREAKPOINT) return;
  for (const { at } of [sigcontext.trapno, sigcontext.err]) {
    const value = native.subarray(context + at, context + at + 4);
    frame.bytes?.set(value, context + at);
    world.cpu.write(frame.address + context + at, value);
  }
}

const DEBUG = 1;
const BREAKPOINT = 3;

/** SIGTRAP is left out: forcing one past a mask, as each step does, changes that bit of the real mask. */
const COMPARED_SIGNALS = ~(1 << 4) >>> 0;

/** `blocked`: of the model, where that is another one than the task has by now. */
export function compareMasks(
  comparison: Comparison,
  world: World,
  tracee: Tracee,
  blocked: SignalBits = world.current.blocked,
): void {
  const { current: task, kernel } = world;
  const owner = kernel.state.processes.find(({ pid }) => pid === task.pid);
  const native = tracee.signalSets();
  comparison.counts.masks++;
  const both = (name: string, model: SignalBits, real: SignalBits): void => {
    comparison.word(`${name} 1..32`, model.low & COMPARED_SIGNALS, real.low & COMPARED_SIGNALS);
    comparison.word(`${name} 33..64`, model.high, real.high);
  };
  both('blocked', blocked, native.blocked);
  both('thread pending', task.pending.set, native.thread);
  both('process pending', owner?.pending.set ?? { low: 0, high: 0 }, native.process);
}
