// What a return from a handler must restore, said independently of the model: from the bytes of the frame alone. SOURCE:
// sigreturn(2); arch/x86/kernel/signal_32.c: ia32_restore_sigcontext; kernel/signal.c: do_sigaltstack.
import { rtSigframe, sigcontext, sigframe } from '../../kernel/signal/layout.js';
import { selectorOf } from '../../kernel/signal/selectors.js';
import type { World } from '../../world/world.js';

const GENERAL = ['edi', 'esi', 'ebp', 'esp', 'ebx', 'edx', 'ecx', 'eax', 'eip'] as const;
const SIGSEGV = 11;
/** SIGKILL and SIGSTOP. */
const NEVER_BLOCKED = (1 << 8) | (1 << 18);
/** Carry, parity, adjust, zero, sign, trap, direction, overflow, alignment check. */
const USERS_FLAGS = [0, 2, 4, 6, 7, 8, 10, 11, 18].reduce((sum, bit) => sum | (1 << bit), 0);
/** The resume flag: the emulator keeps it or not. */
const RESUME = 1 << 16;
const SIZE = { frame: 732, rt: 268 };

export interface Expected {
  readonly kind: 'good' | 'bad' | 'perhaps';
  readonly mask: readonly [low: number, high: number];
  /** By register's name; of a bad frame none. */
  readonly values: ReadonlyMap<string, number>;
  readonly altStack: { readonly sp: number; readonly size: number } | null;
}

function readable(world: World, address: number, length: number): boolean {
  const vmas = world.kernel.state.processes[0]?.mm.vmas ?? [];
  let at = address;
  for (const { start, end, protection } of vmas)
    if (start <= at && at < end && protection !== 0) at = Math.max(at, end);
  return at >= address + length;
}

/** Before the kernel looks at the frame: the trampoline has trapped. */
export function expectReturn(world: World, rt: boolean): Expected {
  const { cpu, current: task } = world;
  const frame = (cpu.get('esp') - (rt ? 4 : 8)) >>> 0;
  const word = (at: number): number => cpu.readU32((frame + at) >>> 0) ?? 0;
  if (!readable(world, frame, rt ? SIZE.rt : SIZE.frame))
    return { kind: 'bad', mask: [task.blocked.low, task.blocked.high], values: new Map(), altStack: null };
  const context = rt ? rtSigframe.context : sigframe.context;
  const field = (name: keyof typeof sigcontext): number => word(context + sigcontext[name].at);
  const [low, high] = rt
    ? [word(rtSigframe.sigmask), word(rtSigframe.sigmask + 4)]
    : [field('oldmask'), word(sigframe.extramask)];
  const values = new Map<string, number>(GENERAL.map((name) => [name, field(name)]));
  const flags = (cpu.getEflags() & ~USERS_FLAGS) | (field('eflags') & USERS_FLAGS) | 0x202;
  values.set('eflags', (flags & ~RESUME) >>> 0);
  for (const name of ['cs', 'ss'] as const) values.set(name, (field(name) & 0xffff) | 3);
  return {
    kind: fpuKind(world, field('fpstate')),
    mask: [(low & ~NEVER_BLOCKED) >>> 0, high],
    values,
    altStack: rt ? newAltStack(world, word, field('esp')) : null,
  };
}

/** An area that cannot be read is a bad frame, none at all resets the FPU; what is in it decides otherwise. */
function fpuKind(world: World, address: number): Expected['kind'] {
  const FSAVE_AND_FXSAVE = 112 + 512;
  if (address === 0) return 'good';
  return readable(world, address, FSAVE_AND_FXSAVE) ? 'perhaps' : 'bad';
}

/** sigaltstack(2) with the restored ESP; what it would refuse changes nothing. */
function newAltStack(world: World, word: (at: number) => number, esp: number): Expected['altStack'] {
  const { sp, size } = world.current.altStack;
  const onIt = (world.current.altStack.flags & 0x80000000) === 0 && esp > sp && esp - sp <= size;
  const mode = word(rtSigframe.ucStack + 4) & 3;
  const wanted = { sp: word(rtSigframe.ucStack), size: word(rtSigframe.ucStack + 8) };
  const SMALLEST = 2048;
  const DISABLE = 2;
  if (onIt || mode > DISABLE) return { sp, size };
  if (mode === DISABLE) return { sp: 0, size: 0 };
  return wanted.size < SMALLEST ? { sp, size } : wanted;
}

/** After the call, before signals are delivered: what is not as it must be; null when nothing is. */
export function howReturned(world: World, expected: Expected): { what: string; detail: string } | null {
  const { current: task } = world;
  const wrong = (what: string, is: number, must: number) => {
    const text = (value: number) => `0x${(value >>> 0).toString(16)}`;
    return { what, detail: `${what} is ${text(is)} after the return, the frame says ${text(must)}` };
  };
  const [low, high] = expected.mask;
  const killed = task.pending.infos.some(({ signo }) => signo === SIGSEGV);
  if (expected.kind !== 'perhaps' && killed !== (expected.kind === 'bad'))
    return { what: 'SIGSEGV', detail: killed ? 'a good frame was refused' : 'a bad frame was taken' };
  // A forced signal is not blocked, whatever the frame says.
  if (killed) return task.origEax === -1 ? null : wrong('orig_eax', task.origEax, -1);
  if (task.blocked.low !== low) return wrong('mask 1..32', task.blocked.low, low);
  if (task.blocked.high !== high) return wrong('mask 33..64', task.blocked.high, high);
  if (task.origEax !== -1) return wrong('orig_eax', task.origEax, -1);
  for (const [name, must] of expected.values) {
    const is = registerOf(world, name);
    if (is !== must) return wrong(name, is, must);
  }
  const { altStack } = expected;
  if (altStack !== null && task.altStack.sp !== altStack.sp)
    return wrong('ss_sp', task.altStack.sp, altStack.sp);
  if (altStack !== null && task.altStack.size !== altStack.size)
    return wrong('ss_size', task.altStack.size, altStack.size);
  return null;
}

function registerOf({ cpu, kernel, current }: World, name: string): number {
  if (name === 'eflags') return (cpu.getEflags() & ~RESUME) >>> 0;
  if (name === 'cs' || name === 'ss') return selectorOf(kernel, current, name);
  const register = GENERAL.find((one) => one === name);
  return register === undefined ? 0 : cpu.get(register);
}
