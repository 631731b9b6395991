import { SIG_DFL, SIG_IGN, signalName } from '../../kernel/abi/signals.js';
import type { SigInfo } from '../../kernel/siginfo.js';
import { members, type SignalSet, signalSet } from '../../kernel/sigset.js';
import { bits, SIGACTION_FLAGS } from './flags.js';

/** Structured values as strace writes them: strings, signal sets, actions, siginfo. All pure. */

export function pointer(value: number): string {
  return value === 0 ? 'NULL' : `0x${(value >>> 0).toString(16)}`;
}

const STRING_LIMIT = 32;
const escapes: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 92: '\\\\' };

function character(byte: number, next: number | undefined): string {
  const known = escapes[byte];
  if (known !== undefined) return known;
  if (byte >= 32 && byte < 127) return String.fromCharCode(byte);
  // Octal, in full where a digit follows.
  const digit = next !== undefined && next >= 48 && next <= 57;
  return `\\${byte.toString(8).padStart(digit ? 3 : 1, '0')}`;
}

/** `"abc\n"`, cut to 32 bytes with `...`; `length` is what there really is. */
export function quote(bytes: Uint8Array, length = bytes.length): string {
  const shown = bytes.subarray(0, STRING_LIMIT);
  const text = Array.from(shown, (byte, i) => character(byte, shown[i + 1])).join('');
  return `"${text}"${length > STRING_LIMIT ? '...' : ''}`;
}

/** `[USR1 RT_1]`, or `~[KILL STOP]` for what is missing from a nearly full set. */
export function setText(set: SignalSet): string {
  const names = (of: SignalSet) =>
    members(of)
      .map((sig) => signalName(sig).replace(/^SIG/, ''))
      .join(' ');
  if (members(set).length <= 32) return `[${names(set)}]`;
  return `~[${names(signalSet(~set.low, ~set.high))}]`;
}

/** struct sigaction of i386: handler, flags, restorer, mask. */
export function actionText(words: readonly number[]): string {
  const [handler = 0, flags = 0, restorer = 0, low = 0, high = 0] = words;
  const name = handler === SIG_DFL ? 'SIG_DFL' : handler === SIG_IGN ? 'SIG_IGN' : pointer(handler);
  const rest = restorer === 0 ? '' : `, sa_restorer=${pointer(restorer)}`;
  const mask = setText(signalSet(low, high));
  return `{sa_handler=${name}, sa_mask=${mask}, sa_flags=${bits(SIGACTION_FLAGS, flags)}${rest}}`;
}

const generalCodes: ReadonlyMap<number, string> = new Map([
  [0, 'SI_USER'],
  [0x80, 'SI_KERNEL'],
  [-1, 'SI_QUEUE'],
  [-2, 'SI_TIMER'],
  [-6, 'SI_TKILL'],
]);
const faultCodes: Readonly<Record<number, readonly string[]>> = {
  4: ['', 'ILL_ILLOPC', 'ILL_ILLOPN'],
  5: ['', 'TRAP_BRKPT', 'TRAP_TRACE'],
  8: ['', 'FPE_INTDIV', 'FPE_INTOVF'],
  11: ['', 'SEGV_MAPERR', 'SEGV_ACCERR'],
  17: ['', 'CLD_EXITED', 'CLD_KILLED', 'CLD_DUMPED', 'CLD_TRAPPED', 'CLD_STOPPED', 'CLD_CONTINUED'],
};

const SIGCHLD = 17;

/** An exit status, or the signal. */
function childStatus(code: number, status: number): string {
  return `, si_status=${code === 1 ? status : signalName(status)}, si_utime=0, si_stime=0`;
}

/** `{si_signo=SIGUSR1, si_code=SI_TKILL, si_pid=100, si_uid=0}` */
export function infoText({ signo, code, bytes }: SigInfo): string {
  const codeName = generalCodes.get(code) ?? faultCodes[signo]?.[code] ?? `${code}`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (i: number) => view.getUint32(12 + 4 * i, true);
  const fault = signo in faultCodes && signo !== 17 && code > 0;
  const rest =
    code === -2
      ? `si_timerid=${word(0)}, si_overrun=${word(1)}, si_value=${word(2)}`
      : fault
        ? `si_addr=${pointer(word(0))}`
        : `si_pid=${word(0)}, si_uid=${word(1)}${signo === SIGCHLD && code > 0 ? childStatus(code, word(2)) : ''}`;
  return `{si_signo=${signalName(signo)}, si_code=${codeName}, ${rest}}`;
}
