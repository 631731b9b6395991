/**
 * Many injections into one process, where only the outcome matters: a breakpoint at the point instead of steps to it, and
 * afterwards registers and memory are put back. What the kernel keeps (signal actions, descriptors) is not put back, so this
 * is for windows that change none of it; a handler that returns leaves mask and FPU as they were.
 */
import { NativeError } from './errors.js';
import type { Registers } from './registers.js';
import { describeStop, type Stop, type Tracee } from './tracee.js';

export interface Window {
  /** Where each run ends: an address behind the window. */
  readonly end: number;
  /** What the window writes. */
  readonly memory: readonly { readonly address: number; readonly length: number }[];
}

const INT3 = Uint8Array.of(0xcc);
const SIGTRAP = 5;

export class ReusedProcess {
  private readonly registers: Registers;
  private readonly contents: readonly { readonly address: number; readonly bytes: Uint8Array }[];

  /** The process is stopped where each run begins. */
  constructor(
    private readonly tracee: Tracee,
    { end, memory }: Window,
  ) {
    this.registers = tracee.registers();
    this.contents = memory.map(({ address, length }) => ({ address, bytes: this.mustRead(address, length) }));
    tracee.write(end, INT3);
  }

  /** Registers at the end of the window when `sig` came before the instruction at `point` was first reached. */
  inject(point: number, sig: number): Registers {
    const { tracee } = this;
    if (point !== this.registers.eip) this.runTo(point);
    tracee.post(sig);
    tracee.resume('continue');
    let stop = tracee.wait();
    while (stop.kind === 'signal' && stop.sig !== SIGTRAP) {
      tracee.resume('continue', stop.sig);
      stop = tracee.wait();
    }
    mustTrap(stop);
    const outcome = tracee.registers();
    tracee.setRegisters(this.registers);
    for (const { address, bytes } of this.contents) tracee.write(address, bytes);
    return outcome;
  }

  private runTo(point: number): void {
    const { tracee } = this;
    const original = this.mustRead(point, 1);
    tracee.write(point, INT3);
    tracee.resume('continue');
    mustTrap(tracee.wait());
    tracee.write(point, original);
    tracee.setRegisters({ eip: point });
  }

  private mustRead(address: number, length: number): Uint8Array {
    const bytes = this.tracee.read(address, length);
    if (bytes === null)
      throw new NativeError('SYSTEM_CALL', `nothing is mapped at 0x${address.toString(16)}`);
    return bytes;
  }
}

function mustTrap(stop: Stop): void {
  if (stop.kind !== 'signal' || stop.sig !== SIGTRAP) {
    throw new NativeError('UNEXPECTED_STOP', `the process should reach a breakpoint: ${describeStop(stop)}`);
  }
}
