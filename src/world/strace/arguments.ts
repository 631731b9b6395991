import { signalName } from '../../kernel/abi/signals.js';
import type { Kernel } from '../../kernel/kernel.js';
import { signalSet } from '../../kernel/sigset.js';
import type { Task } from '../../kernel/state.js';
import type { ArgumentType } from '../../kernel/syscalls/define.js';
import { readString, readUser, readWords } from '../../kernel/user.js';
import { childText, stringsText, waitText } from './children.js';
import { bits, flagText, POLL_EVENTS } from './flags.js';
import { actionText, pointer, quote, setText } from './values.js';

/** One argument as text. What is in memory is read now: call it while the memory is as the call found or left it. */
export interface ArgumentSource {
  readonly kernel: Kernel;
  readonly task: Task;
  readonly args: readonly number[];
  /** The call's result, for what it fills; undefined while it is being made. */
  readonly result?: number;
}

/** Whether the argument is filled by the call, so that it can only be shown when the call returns. */
export function isOutput(type: ArgumentType): boolean {
  return type.startsWith('out-');
}

export function argumentText(source: ArgumentSource, type: ArgumentType, index: number): string {
  const value = source.args[index] ?? 0;
  switch (type) {
    case 'int':
    case 'fd':
      return `${value | 0}`;
    case 'uint':
      return `${value}`;
    case 'hex':
      return `0x${value.toString(16)}`;
    case 'mode':
      return `0${value.toString(8)}`;
    case 'pointer':
      return pointer(value);
    case 'signal':
      return value === 0 ? '0' : signalName(value);
    default:
      return flagText(type, value) ?? fromMemory(source, type, index) ?? pointer(value);
  }
}

/** Undefined where it cannot be read or was not filled: the address is shown instead. */
function fromMemory(source: ArgumentSource, type: ArgumentType, index: number): string | undefined {
  const { args, result } = source;
  const address = args[index] ?? 0;
  const count = args[index + 1] ?? 0;
  if (address === 0) return undefined;
  if (isOutput(type) && (result === undefined || result < 0)) return undefined;
  switch (type) {
    case 'path':
      return pathText(source, address);
    case 'in-buffer':
      return bufferText(source, address, count);
    case 'out-buffer':
      return bufferText(source, address, result ?? 0);
    case 'iovec':
      return iovecText(source, address, count);
    case 'out-iovec':
      return iovecText(source, address, count, result);
    case 'poll-fds':
      return pollText(source, address, count);
    case 'sigset':
    case 'out-sigset':
      return words(source, address, 2, ([low = 0, high = 0]) => setText(signalSet(low, high)));
    case 'sigaction':
    case 'out-sigaction':
      return words(source, address, 5, actionText);
    case 'timespec':
    case 'out-timespec':
      return words(source, address, 2, ([seconds = 0, nano = 0]) => timeText(seconds | 0, nano));
    case 'timespec64':
    case 'out-timespec64':
      return words(source, address, 4, ([seconds = 0, , nano = 0]) => timeText(seconds, nano));
    case 'out-wait-status':
      return result === 0 ? undefined : words(source, address, 1, ([status = 0]) => waitText(status));
    case 'strings':
    case 'environment':
      return stringsText(source, address, type === 'environment');
    case 'out-siginfo':
      return childText(source, address);
    case 'out-fd-pair':
      return words(source, address, 2, ([first = 0, second = 0]) => `[${first}, ${second}]`);
    default:
      return undefined;
  }
}

function words(
  { kernel, task }: ArgumentSource,
  address: number,
  count: number,
  text: (words: readonly number[]) => string,
): string | undefined {
  const found = readWords(kernel, task, address, count);
  return found === null ? undefined : text(found);
}

function pathText({ kernel, task }: ArgumentSource, address: number): string | undefined {
  const path = readString(kernel, task, address);
  if (path === null) return undefined;
  return path === 'too-long' ? '"..."' : JSON.stringify(path);
}

/** Enough for what a line shows. */
const SHOWN_BYTES = 64;

function bufferText({ kernel, task }: ArgumentSource, address: number, length: number): string | undefined {
  const bytes = readUser(kernel, task, address, Math.min(length, SHOWN_BYTES));
  return bytes === null ? undefined : quote(bytes, length);
}

const SHOWN_ELEMENTS = 16;

/** With `filled`, only so many bytes of the buffers hold something. */
function iovecText(
  source: ArgumentSource,
  address: number,
  count: number,
  filled?: number,
): string | undefined {
  return words(source, address, 2 * Math.min(count, SHOWN_ELEMENTS), (all) => {
    let left = filled ?? Number.POSITIVE_INFINITY;
    const parts: string[] = [];
    for (let i = 0; i < all.length; i += 2) {
      const [base = 0, length = 0] = all.slice(i);
      const size = Math.min(length, left);
      left -= size;
      parts.push(`{iov_base=${bufferText(source, base, size) ?? pointer(base)}, iov_len=${length}}`);
    }
    return `[${parts.join(', ')}]`;
  });
}

function pollText(source: ArgumentSource, address: number, count: number): string | undefined {
  return words(source, address, 2 * Math.min(count, SHOWN_ELEMENTS), (all) => {
    const parts: string[] = [];
    for (let i = 0; i < all.length; i += 2) {
      const [fd = 0, events = 0] = all.slice(i);
      parts.push(`{fd=${fd | 0}, events=${bits(POLL_EVENTS, events & 0xffff)}}`);
    }
    return `[${parts.join(', ')}]`;
  });
}

function timeText(seconds: number, nanoseconds: number): string {
  return `{tv_sec=${seconds}, tv_nsec=${nanoseconds}}`;
}
