// A run's state as a short text: two runs of one cell with equal texts go on alike and are judged alike.
import { createHash } from 'node:crypto';
import type { KernelState, SignalQueue } from '../kernel/state.js';
import { HistoryKeys } from './history-key.js';
import type { Session } from './session.js';
import { Texts } from './texts.js';

/** A record as it was when it was last looked at, with the texts of its values. */
interface Slot {
  readonly values: unknown[];
  readonly texts: string[];
  id: number;
}

const NOTHING: ReadonlySet<string> = new Set();
const LISTS: ReadonlySet<string> = new Set(['tasks', 'processes', 'openFiles', 'objects', 'timers']);
const PENDING: ReadonlySet<string> = new Set(['pending']);
const PENDING_AND_MM: ReadonlySet<string> = new Set(['pending', 'mm']);

/**
 * A state covers registers, memory, threads, the kernel's state, and what the rules look at in the history so far. Bytes
 * below the target's stack pointer that it has used before are left out: by the ABI nothing reads them, and the remains of a
 * handler's frame would make every state different.
 *
 * Runs of one cell differ in little, so every part of a state is looked at against what was there the last time.
 */
export class StateKeys {
  private readonly texts = new Texts();
  private readonly history = new HistoryKeys(this.texts);
  private readonly slots: Slot[] = [];
  private readonly parked: { readonly bytes: Uint8Array; readonly id: number }[] = [];

  of(session: Session): string {
    const { world } = session;
    const memory = withDeadStackCleared(session, () => world.cpu.digest());
    const history = this.history.of(world.history, session.begin, session.target);
    const parked = world.parkedRegisters().map((bytes, place) => this.bytesId(place, bytes));
    return [
      memory.join(),
      world.current.tid,
      session.observedKey(),
      this.texts.id(session.unwinding?.key() ?? ''),
      this.kernelIds(world.kernel.state).join(),
      history,
      parked.join(),
    ].join(';');
  }

  private bytesId(place: number, bytes: Uint8Array): number {
    const last = this.parked[place];
    if (last !== undefined && Buffer.compare(last.bytes, bytes) === 0) return last.id;
    const id = this.texts.id(createHash('sha1').update(bytes).digest('base64'));
    this.parked[place] = { bytes: bytes.slice(), id };
    return id;
  }

  /** What is nested in the state below these levels is immutable and shared between copies (see KernelState). */
  private kernelIds(state: KernelState): number[] {
    const ids: number[] = [];
    const add = (record: object, without = NOTHING) => ids.push(this.recordId(ids.length, record, without));
    const addQueue = (queue: SignalQueue) => add(queue);
    add(state, LISTS);
    for (const task of state.tasks) {
      add(task, PENDING);
      addQueue(task.pending);
    }
    for (const process of state.processes) {
      add(process, PENDING_AND_MM);
      addQueue(process.pending);
      add(process.mm);
    }
    for (const list of [state.openFiles, state.objects, state.timers]) {
      ids.push(-list.length);
      for (const record of list) add(record);
    }
    return ids;
  }

  /** Of a record's values but for some, which are equal to the last ones in this place more often than not. */
  private recordId(place: number, record: object, without: ReadonlySet<string>): number {
    this.slots[place] ??= { values: [], texts: [], id: -1 };
    const slot = this.slots[place];
    let count = 0;
    let isNew = slot.id < 0;
    for (const [name, value] of Object.entries(record)) {
      if (without.has(name)) continue;
      if (slot.values[count] !== value || count >= slot.values.length) {
        slot.values[count] = value;
        slot.texts[count] = this.texts.of(value);
        isNew = true;
      }
      count++;
    }
    isNew ||= slot.values.length !== count;
    if (!isNew) return slot.id;
    slot.values.length = slot.texts.length = count;
    slot.id = this.texts.id(slot.texts.join());
    return slot.id;
  }
}

function withDeadStackCleared<T>(session: Session, run: () => T): T {
  const { cpu } = session.world;
  const dead = session.deadStack();
  const bytes = dead === null ? null : cpu.read(dead.from, dead.length);
  if (dead === null || bytes === null) return run();
  cpu.write(dead.from, new Uint8Array(dead.length));
  try {
    return run();
  } finally {
    cpu.write(dead.from, bytes);
  }
}
