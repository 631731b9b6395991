import type { Event } from '../kernel/history.js';
import type { CalleeSaved } from '../kernel/state.js';
import { mark } from '../world/marks.js';
import type { Rule } from './types.js';

export const registers: Rule = {
  id: 'registers',
  statement:
    'callee-saved registers, esp and the direction flag are the same when the cancellation point is left as when it was entered',
  reason:
    'System V i386 ABI, "Registers": ebx, esi, edi, ebp and esp belong to the caller, DF is clear at calls and returns.',
  check: ({ history, target }) => compareWatched(history, target) ?? compareWindow(history, target),
};

type Watched = Extract<Event, { kind: 'watch' }>;

/** At the machine code's own borders: return, and the jump to where the cancellation is acted on. */
function compareWatched(history: readonly Event[], target: number): string | null {
  let call: Watched | null = null;
  let asynchronous = false;
  for (const event of history) {
    if (event.tid !== target) continue;
    if (event.kind === 'mark' && event.mark === mark.async) asynchronous = event.args[0] === 1;
    if (event.kind !== 'watch' || (asynchronous && event.what === 'act')) continue;
    if (event.what === 'call') {
      call = event;
      continue;
    }
    const wrong = call === null ? [] : differences(call.saved, event.saved);
    if (wrong.length > 0)
      return `at the ${event.what === 'act' ? 'cancel label' : 'return'}: ${wrong.join(', ')}`;
    call = null;
  }
  return null;
}

/** Around the C library's function, as the program's own marks show it. */
function compareWindow(history: readonly Event[], target: number): string | null {
  const at = (number: number) =>
    history.find(
      (e): e is Extract<Event, { kind: 'mark' }> =>
        e.kind === 'mark' && e.tid === target && e.mark === number,
    );
  const begin = at(mark.windowBegin);
  const end = at(mark.windowEnd);
  if (begin === undefined || end === undefined) return null;
  const wrong = differences(begin.saved, end.saved);
  return wrong.length > 0 ? `after the library's function: ${wrong.join(', ')}` : null;
}

function differences(before: CalleeSaved, after: CalleeSaved): string[] {
  const names = ['ebx', 'esi', 'edi', 'ebp', 'esp'] as const;
  const words = names
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name} was 0x${before[name].toString(16)}, is 0x${after[name].toString(16)}`);
  return before.df === after.df ? words : [...words, `DF was ${before.df ? 1 : 0}, is ${after.df ? 1 : 0}`];
}
