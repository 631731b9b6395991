import { signalName } from '../../kernel/abi/signals.js';
import { SIGINFO_SIZE } from '../../kernel/siginfo.js';
import { readString, readUser, readUserU32 } from '../../kernel/user.js';
import type { ArgumentSource } from './arguments.js';
import { infoText } from './values.js';

/** Arguments of execve, wait4 and waitid as strace writes them. */
const SHOWN_STRINGS = 32;

/** `["a", "b"]`; an environment is only counted: an address and the number of variables. Undefined where it cannot be read. */
export function stringsText(
  { kernel, task }: ArgumentSource,
  address: number,
  counted: boolean,
): string | undefined {
  const texts: string[] = [];
  for (let at = address; ; at += 4) {
    const pointer = readUserU32(kernel, task, at);
    if (pointer === null) return undefined;
    if (pointer === 0) break;
    const text = readString(kernel, task, pointer);
    texts.push(
      text === null ? `0x${pointer.toString(16)}` : JSON.stringify(text === 'too-long' ? '...' : text),
    );
  }
  if (counted) return `0x${address.toString(16)} /* ${texts.length} var${texts.length === 1 ? '' : 's'} */`;
  return `[${texts.slice(0, SHOWN_STRINGS).join(', ')}${texts.length > SHOWN_STRINGS ? ', ...' : ''}]`;
}

/** `[{WIFEXITED(s) && WEXITSTATUS(s) == 7}]` */
export function waitText(status: number): string {
  const sig = status & 0x7f;
  if (status === 0xffff) return '[{WIFCONTINUED(s)}]';
  if ((status & 0xff) === 0x7f) return `[{WIFSTOPPED(s) && WSTOPSIG(s) == ${signalName(status >> 8)}}]`;
  if (sig === 0) return `[{WIFEXITED(s) && WEXITSTATUS(s) == ${status >> 8}}]`;
  return `[{WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(sig)}}]`;
}

/** What waitid wrote of a child; `{}` for nothing. */
export function childText({ kernel, task }: ArgumentSource, address: number): string | undefined {
  const WRITTEN = 24;
  const bytes = readUser(kernel, task, address, WRITTEN);
  if (bytes === null) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const signo = view.getInt32(0, true);
  if (signo === 0) return '{}';
  const info = new Uint8Array(SIGINFO_SIZE);
  info.set(bytes);
  return infoText({ signo, code: view.getInt32(8, true), bytes: info });
}
