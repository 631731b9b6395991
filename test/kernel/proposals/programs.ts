// Small programs that use what is proposed, run in the model with a proposal switched on.
import { onTestFinished } from 'vitest';
import type { Event } from '../../../src/kernel/history.js';
import { LITERAL } from '../../../src/kernel/proposals/switches.js';
import type { Proposals, StickySwitches } from '../../../src/kernel/proposals/types.js';
import { createWorld } from '../../../src/world/create.js';
import type { RunRecord } from '../../../src/world/record.js';
import type { World } from '../../../src/world/world.js';
import { assemble, readElf } from '../../assembled.js';
import { image } from '../../world/programs.js';

export const SIGNAL = 33;
export const TARGET = 100;

/** Numbers by name, so that programs read like C. */
const NUMBERS = `
  .set SYS_exit, 1
  .set SYS_read, 3
  .set SYS_write, 4
  .set SYS_getpid, 20
  .set SYS_kill, 37
  .set SYS_pipe, 42
  .set SYS_clone, 120
  .set SYS_nanosleep, 162
  .set SYS_poll, 168
  .set SYS_rt_sigreturn, 173
  .set SYS_rt_sigaction, 174
  .set SYS_rt_sigprocmask, 175
  .set SYS_gettid, 224
  .set SYS_tkill, 238
  .set SYS_cancelctl, 0x43430000
  .set CANCELLABLE, 0x20000000
  .set SA_STICKY, 0x00100000
  .set SA_SYNC, 0x00200000
  .set SIG, 33
  .macro sys nr, a=$0, b=$0, c=$0, d=$0
    movl \\d, %esi
    movl \\c, %edx
    movl \\b, %ecx
    movl \\a, %ebx
    movl $\\nr, %eax
    int $0x80
  .endm
  .macro raise
    sys SYS_gettid
    sys SYS_tkill, %eax, $SIG
  .endm
  .macro clear
    sys SYS_cancelctl, $3, $SIG
  .endm
`;

export interface Source {
  /** Flags of the action besides SA_SIGINFO and SA_RESTORER. */
  readonly flags?: string;
  readonly body: string;
  readonly handler?: string;
}

function program({ flags = 'SA_STICKY', body, handler = '' }: Source): string {
  return `${NUMBERS}
  .globl _start
_start:
  sys SYS_rt_sigaction, $SIG, $action, $0, $8
${body}
  sys SYS_exit
handler:
${handler}
  ret
restorer:
  movl $SYS_rt_sigreturn, %eax
  int $0x80
  .data
action: .long handler, 0x04000004 | ${flags}, restorer, 0, 0
only_sig: .long 0, 1
moment: .long 0, 1000
pair: .long 0, 0
byte: .byte 0
  .skip 4096
stack:
`;
}

/** Runs to the end; the history and how it ended. */
export function run(source: Source, proposals: Proposals | null): RunRecord & { readonly world: World } {
  const elf = readElf(assemble(program(source)));
  const created = createWorld({ program: elf, vdso: image('6.1-686/int80'), args: ['x'], proposals });
  if (!created.ok) throw new Error(created.error.message);
  const { world } = created;
  onTestFinished(() => world.close());
  const ending = world.run() ?? { kind: 'deadlock' };
  return { world, history: world.history, ending, target: TARGET, signal: SIGNAL };
}

/** A reading that never goes round: what a test is not about. */
const QUIET: Partial<StickySwitches> = { pending: 'per-call', block: 'latch', restart: 'eintr' };

export function sticky(switches: Partial<StickySwitches> = {}): Proposals {
  return { kind: 'sticky-signal', switches: { ...LITERAL, ...QUIET, ...switches } };
}

/** Results as user mode sees them: a restart code that becomes -EINTR is -4, one that is made again is left out. */
export function results(history: readonly Event[], nr: number, tid = TARGET): number[] {
  return history.flatMap((event) => {
    if (event.kind === 'return' && event.tid === tid && event.nr === nr)
      return event.value <= -512 && event.value >= -516 ? [] : [event.value];
    const ended = event.kind === 'restart' && event.tid === tid && event.outcome === 'eintr';
    return ended && (event.nr & ~0x20000000) === nr ? [-4] : [];
  });
}

export function count(history: readonly Event[], kind: Event['kind'], tid = TARGET): number {
  return history.filter((event) => event.kind === kind && event.tid === tid).length;
}

export const NR = { read: 3, getpid: 20, clone: 120, nanosleep: 162, poll: 168 } as const;
export const SLEEP = 'sys SYS_nanosleep, $moment';
