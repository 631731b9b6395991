/** The real process as the lockstep moves it: what the next resume delivers, and whether a stop is awaited. */
import type { Stop, Tracee } from './tracee.js';

export class Mover {
  /** The process is on its way, and its next stop is awaited. */
  moving = false;
  /** The signal that the next resume delivers, 0 for none. */
  carried = 0;

  constructor(private readonly tracee: Tracee) {}

  resume(how: 'step' | 'syscall'): void {
    this.tracee.resume(how, this.carried);
    this.carried = 0;
    this.moving = true;
  }

  await(): Stop {
    this.moving = false;
    return this.tracee.wait();
  }

  next(): Stop {
    if (!this.moving) this.resume('step');
    return this.await();
  }
}
