// A case's signal actions, alternate stack and mask as calls that a real process makes for itself: the list at `script` of
// asm/fuzz/stage.S and what it points to. SOURCE: struct compat_sigaction and stack_t of i386 (kernel/signal.c).
import { alternateAt, handlerAddress, type Setting } from '../entry/prepare.js';
import { theStage } from '../entry/stage.js';

export interface Patch {
  readonly address: number;
  readonly bytes: Uint8Array;
}

const NR = { rt_sigaction: 174, rt_sigprocmask: 175, sigaltstack: 186 };
const SIG_SETMASK = 2;
const END = 0xffffffff;
const CALLS_MAX = 31;
const STRUCT_WORDS_MAX = 192;

function words(address: number, values: readonly number[]): Patch {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value, true);
  return { address, bytes };
}

/** What to write into the stage so that it sets this up; null when there is more than it has room for. */
export function scriptFor(setting: Setting): Patch[] | null {
  const { actions, altStack, blocked } = setting;
  const { at } = theStage();
  const calls: number[] = [];
  const structs: number[] = [];
  const put = (...values: number[]): number => at('structs') + 4 * (structs.push(...values) - values.length);
  for (const action of actions) {
    const address = put(handlerAddress(action), action.flags, 0, ...action.mask);
    calls.push(NR.rt_sigaction, action.sig, address);
  }
  if (altStack > 0) calls.push(NR.sigaltstack, put(alternateAt(setting), 0, altStack), 0);
  calls.push(NR.rt_sigprocmask, SIG_SETMASK, put(...blocked));
  if (calls.length > 3 * CALLS_MAX || structs.length > STRUCT_WORDS_MAX) return null;
  return [words(at('structs'), structs), words(at('script'), [...calls, END])];
}
