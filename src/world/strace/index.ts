import { signalName } from '../../kernel/abi/signals.js';
import type { Event } from '../../kernel/history.js';
import { findTask, isAlive } from '../../kernel/kernel.js';
import type { SigInfo } from '../../kernel/siginfo.js';
import type { ArgumentType } from '../../kernel/syscalls/define.js';
import { findSyscall, syscallName } from '../../kernel/syscalls/table.js';
import { mark } from '../marks.js';
import type { World } from '../world.js';
import { argumentText, isOutput } from './arguments.js';
import { resultText } from './errors.js';
import { futexArguments } from './flags.js';
import { infoText, setText } from './values.js';

/**
 * A log of system calls and signals like `strace -f` writes, a line at a time. A call that another thread's line comes
 * between is split: `<unfinished ...>` and `<... NAME resumed>`.
 */
type Sink = (line: string) => void;
type CallEvent = Extract<Event, { kind: 'call' }>;

interface OpenCall {
  readonly event: CallEvent;
  readonly name: string;
  readonly types: readonly ArgumentType[];
  /** Arguments shown when the call was made; the rest follows when it returns. */
  readonly shown: number;
  readonly head: string;
  printed: boolean;
}

const markNames = new Map<number, string>(Object.entries(mark).map(([name, value]) => [value, name]));
const markTypes: readonly ArgumentType[] = ['int', 'int'];
/** brk, mmap, mremap, mmap2 return addresses. */
const addressCalls: ReadonlySet<number> = new Set([45, 90, 163, 192]);

/** Starts logging; the returned function stops it. */
export function attachStrace(world: World, sink: Sink): () => void {
  const log = new StraceLog(world, sink);
  const stop = world.observe((event) => log.take(event));
  return () => {
    log.finish();
    stop();
  };
}

/** Arguments that mean something in this call; the others hold whatever was in the registers. */
function argumentCount({ nr, args }: CallEvent): number {
  const O_CREAT = 0o100;
  const [, second = 0, third = 0] = args;
  if (nr === 240 || nr === 422) return futexArguments(second);
  // open, openat: the mode is for a new file only.
  if (nr === 5) return second & O_CREAT ? 3 : 2;
  if (nr === 295) return third & O_CREAT ? 4 : 3;
  return 6;
}

function exited(status: number): string {
  return `+++ exited with ${status & 0xff} +++`;
}

class StraceLog {
  private readonly open = new Map<number, OpenCall>();
  private several = false;

  constructor(
    private readonly world: World,
    private readonly sink: Sink,
  ) {}

  take(event: Event): void {
    switch (event.kind) {
      case 'call':
        this.call(event);
        break;
      case 'return':
        this.close(event.tid, resultText(event.value, addressCalls.has(event.nr)), event.value);
        break;
      case 'sigreturn':
        this.close(event.tid, resultText(event.context.eax | 0, false));
        break;
      case 'deliver':
        this.signal(event);
        break;
      case 'killed':
        this.signal(event);
        this.end(event.pid, `+++ killed by ${signalName(event.sig)} +++`);
        break;
      case 'exit':
        this.close(event.tid, '?');
        this.line(event.tid, exited(event.status));
        break;
      case 'exit-group':
        this.close(event.tid, '?');
        this.end(event.pid, exited(event.status));
    }
  }

  private signal({ tid, sig, info }: { tid: number; sig: number; info: SigInfo }): void {
    this.line(tid, `--- ${signalName(sig)} ${infoText(info)} ---`);
  }

  /** Writes what is open: calls that never returned. */
  finish(): void {
    for (const call of this.open.values()) this.suspend(call);
  }

  private call(event: CallEvent): void {
    const { kernel } = this.world;
    const task = findTask(kernel, event.tid);
    if (task === undefined) return;
    const known = markNames.get(event.nr);
    const syscall = findSyscall(event.nr);
    const name = known === undefined ? (syscall?.name ?? this.unknownName(event.nr)) : `mark:${known}`;
    const described = syscall?.args ?? Array<ArgumentType>(6).fill('hex');
    const types = known === undefined ? described.slice(0, argumentCount(event)) : markTypes;
    const firstOutput = types.findIndex(isOutput);
    const shown = firstOutput < 0 ? types.length : firstOutput;
    const texts = types.slice(0, shown).map((type, i) => argumentText({ kernel, task, ...event }, type, i));
    const separator = shown > 0 && shown < types.length ? ', ' : '';
    const head = `${name}(${this.special(event) ?? texts.join(', ')}${separator}`;
    this.suspendAll();
    this.open.set(event.tid, { event, name, types, shown, head, printed: false });
  }

  private unknownName(nr: number): string {
    const name = syscallName(nr);
    return name === 'unknown' ? `syscall_${nr < 0 ? nr : `0x${nr.toString(16)}`}` : name;
  }

  /** Arguments that no table describes. */
  private special({ nr, tid }: CallEvent): string | undefined {
    const block = findTask(this.world.kernel, tid)?.restartBlock;
    if (nr !== 0 || block == null) return undefined;
    return `<... resuming interrupted ${syscallName(block.nr)} ...>`;
  }

  private close(tid: number, result: string, value?: number): void {
    const call = this.open.get(tid);
    const { kernel } = this.world;
    const task = findTask(kernel, tid);
    if (call === undefined || task === undefined) return;
    const source = { kernel, task, args: call.event.args, ...(value === undefined ? {} : { result: value }) };
    const rest = call.types.slice(call.shown).map((type, i) => argumentText(source, type, call.shown + i));
    const isSigreturn = call.event.nr === 173 || call.event.nr === 119;
    const mask = isSigreturn ? `{mask=${setText(task.blocked)}}` : '';
    this.open.delete(tid);
    const head = call.printed ? `<... ${call.name} resumed>` : call.head;
    this.line(tid, `${head}${rest.join(', ')}${mask}) = ${result}`);
  }

  /** Every thread of the process is gone; the one that began it last. */
  private end(pid: number, how: string): void {
    const threads = this.world.tasks().filter((task) => task.pid === pid && isAlive(task));
    for (const { tid } of [...threads].reverse()) {
      this.close(tid, '?');
      this.line(tid, how);
    }
  }

  private suspendAll(): void {
    for (const call of this.open.values()) this.suspend(call);
  }

  private suspend(call: OpenCall): void {
    if (call.printed) return;
    call.printed = true;
    this.emit(call.event.tid, `${call.head} <unfinished ...>`);
  }

  private line(tid: number, text: string): void {
    this.suspendAll();
    this.emit(tid, text);
  }

  private emit(tid: number, text: string): void {
    this.several ||= this.world.tasks().length > 1;
    this.sink(this.several ? `[pid ${tid}] ${text}` : text);
  }
}
