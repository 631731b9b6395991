/**
 * What this machine's CPU and kernel put into a signal frame, learned from one: the probe program stops with int3 in its
 * handler, and the software bytes of its FXSAVE image say how large the area is (struct _fpx_sw_bytes).
 */
import type { XsaveArea } from '../kernel/kernel.js';
import { FXSAVE_SOFTWARE, fpstate, sigcontext, sigframe } from '../kernel/signal/layout.js';
import { NativeError } from './errors.js';
import { probePath } from './spawn.js';
import { Tracee } from './tracee.js';

export type Probe =
  | { readonly ok: true; readonly xsave: XsaveArea | null }
  /** This machine cannot be compared with, and why. */
  | { readonly ok: false; readonly reason: string };

let known: Probe | undefined;

export function probeMachine(): Probe {
  known ??= probe();
  return known;
}

const SIGUSR1 = 10;
const SIGTRAP = 5;
const MAGIC1 = 0x46505853;
/** Offset in an FXSAVE image. */
const MXCSR_MASK = 28;

function probe(): Probe {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { ok: false, reason: `this is ${process.platform} on ${process.arch}, not Linux on x86-64` };
  }
  const started = Tracee.start([probePath()]);
  if (!started.ok) return started;
  const { tracee } = started;
  try {
    expectStop(tracee, 0, SIGUSR1);
    expectStop(tracee, SIGUSR1, SIGTRAP);
    return { ok: true, xsave: areaOf(tracee) };
  } finally {
    tracee.kill();
  }
}

function expectStop(tracee: Tracee, deliver: number, sig: number): void {
  tracee.resume('continue', deliver);
  const stop = tracee.wait();
  if (stop.kind !== 'signal' || stop.sig !== sig) {
    throw new NativeError(
      'UNEXPECTED_STOP',
      `the probe should stop for signal ${sig}: ${JSON.stringify(stop)}`,
    );
  }
}

function areaOf(tracee: Tracee): XsaveArea | null {
  const frame = tracee.registers().esp;
  const at = readWords(tracee, frame + sigframe.context + sigcontext.fpstate.at, 1)[0] ?? 0;
  const [magic, , low = 0, high = 0, size = 0] = readWords(tracee, at + fpstate.fxsave + FXSAVE_SOFTWARE, 5);
  const mxcsrMask = readWords(tracee, at + fpstate.fxsave + MXCSR_MASK, 1)[0] ?? 0;
  return magic === MAGIC1 ? { size, features: [low, high], mxcsrMask } : null;
}

function readWords(tracee: Tracee, address: number, count: number): number[] {
  const bytes = tracee.read(address, 4 * count);
  if (bytes === null) throw new NativeError('SYSTEM_CALL', 'the probe’s frame cannot be read');
  const view = new DataView(bytes.buffer);
  return Array.from({ length: count }, (_, i) => view.getUint32(4 * i, true));
}
