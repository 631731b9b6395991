// A case of `entry` on this machine's kernel: the same calls, with the same signals at the same instructions.
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { CANCELLABLE } from '../../kernel/proposals/abi.js';
import type { Pair } from '../../native/pair.js';
import { postTo } from '../../native/post.js';
import { comparableFlags, comparableMask } from '../hardware/oracle.js';
import type { HardwareResult, HardwareStage, Leg } from '../hardware/stage.js';
import { FILLING, fillPipe } from './bring.js';
import type { Action, EntryCase, Happening } from './case.js';
import type { Player } from './play.js';
import { argumentsOf, settingOf } from './prepare.js';
import { theStage } from './stage.js';

/** SIGTRAP is the tracer's, SIGKILL ends the comparison, and stops are in its hands. */
const LEFT_OUT = [5, 9, 18, 19, 20, 21, 22];

/** Calls that do nothing outside of their process, and numbers that are none. */
const HARMLESS = [
  ...[0, 3, 4, 20, 29, 119, 158, 162, 168, 173, 175, 177, 179, 240, 267, 308, 309],
  ...[9998, 9999, 0x7fffffff, 0x80000000, 0xfffffe00, 0xffffffff],
];

/** glibc's posix_spawn has its own signals ignored in what it starts: they are set back. */
const INHERITED = [32, 33].map((sig): Action => ({ sig, handler: 'default', flags: 0, mask: [0, 0] }));

/** Without what observing a real process changes, or cannot bring about. */
export function comparableEntry(of: EntryCase): EntryCase {
  const happenings = of.happenings.flatMap((one): Happening[] => {
    const { moment, deed } = one;
    if (moment === 'woken' || (deed.kind === 'signal' && LEFT_OUT.includes(deed.sig))) return [];
    return [{ ...one, edit: null }];
  });
  const drawn = of.actions.map((action) => ({ ...action, mask: comparableMask(action.mask) }));
  const actions = [...INHERITED, ...drawn];
  const blocked = comparableMask(of.blocked);
  return { ...of, via: 'vdso', happenings, actions, blocked, eflags: comparableFlags(of.eflags) };
}

function perform(pair: Pair, { deed }: Happening): void {
  if (deed.kind === 'signal') {
    postTo(pair, deed);
    return;
  }
  const WRITE_END = 4;
  const fd = openSync(`/proc/${pair.tracee.pid}/fd/${WRITE_END}`, constants.O_WRONLY | constants.O_NONBLOCK);
  writeSync(fd, new Uint8Array(deed.bytes).fill(FILLING));
  closeSync(fd);
  fillPipe(pair.world.kernel, deed.bytes);
}

const NR = { clock_nanosleep: 267 };
const ABSOLUTE = 1;
const EMULATORS_OWN = 0xffffe000;

/** Why a case cannot be forced to be the same on the real kernel; null when it can. */
function obstacle({ calls, stack, esp }: EntryCase, { trail, timed }: Player): string | null {
  const several = trail
    .flat()
    .some(({ place, happenings }) => place.kind === 'asleep' && happenings.length > 1);
  if (several) return 'signals or data come to a sleeper together, who may wake up by the first alone';
  if (esp > EMULATORS_OWN && stack === 'unmapped')
    return 'the stack lies in the pages at the end of memory, of which the emulator has one for itself';
  if (calls.some(({ nr }) => !HARMLESS.includes(nr) && nr < CANCELLABLE))
    return 'the case makes calls that reach other processes';
  if (calls.some(({ nr, args }) => nr === NR.clock_nanosleep && args[1] === ABSOLUTE))
    return 'the case sleeps until a time of day, which the model counts from its own start';
  if (timed) return 'the end of a sleep races with what is to come in it';
  return null;
}

/** `player` has played the case in the model. */
export function entryOnHardware(stage: HardwareStage, of: EntryCase, player: Player): HardwareResult {
  const reason = obstacle(of, player);
  if (reason !== null) return { kind: 'skipped', reason };
  const { at } = theStage();
  const legs = player.trail.map((trail, i): Leg => {
    const call = of.calls[i];
    const [ebx = 0, ecx = 0, edx = 0, esi = 0, edi = 0, ebp = 0] =
      call === undefined ? [] : argumentsOf(call);
    return {
      registers: { eax: call?.nr ?? 0, ebx, ecx, edx, esi, edi, ebp, esp: of.esp },
      eip: at('by_vdso'),
      eflags: of.eflags,
      until: (eip) => eip === at('after_vdso'),
      deeds: trail.map(({ place, happenings }) => ({
        place,
        perform: (pair) => {
          for (const one of happenings) perform(pair, one);
        },
      })),
    };
  });
  return stage.compare(settingOf(of), legs);
}
