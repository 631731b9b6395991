// One instruction's effect on the abstract state. SOURCE: Intel SDM volume 2 (PUSH, POP, LEAVE: which ESP an operand
// sees). Stores through pointers that are not known to be in the frame are taken not to hit saved registers.
import type { Decoded, Effect, MemoryOperand, Operand } from './decode.js';
import { SYS_RT_SIGRETURN, SYS_SIGRETURN } from './signal.js';
import { dropBelow, EBP, ESP, load, registerOf, type State, store, withRegister } from './state.js';
import { CHANGED, constant, isDefinite, isFrameAddress, opaque, plus, UNKNOWN, type Value } from './value.js';

/** Numbers matter only as those of the system calls that go on elsewhere. */
export const NUMBERS_FOLLOWED: ReadonlySet<number> = new Set([SYS_SIGRETURN, SYS_RT_SIGRETURN]);

function addressOf(state: State, { base, indexed, displacement }: MemoryOperand): Value {
  if (base === null || indexed) return UNKNOWN;
  return plus(registerOf(state, base), displacement);
}

function operandValue(state: State, operand: Operand): Value {
  if (operand.kind === 'register') return registerOf(state, operand.register);
  if (operand.kind === 'constant')
    return NUMBERS_FOLLOWED.has(operand.value) ? constant(operand.value) : CHANGED;
  const address = addressOf(state, operand.memory);
  // A word from elsewhere is not the caller's register; one from a frame that was lost sight of might be.
  return isFrameAddress(address)
    ? load(state, address)
    : address === UNKNOWN && operand.memory.base === ESP
      ? UNKNOWN
      : CHANGED;
}

function assign(state: State, to: Operand, value: Value): State {
  if (to.kind === 'register') return withRegister(state, to.register, value);
  return to.kind === 'memory' ? store(state, addressOf(state, to.memory), value, to.memory.size) : state;
}

function moveEsp(state: State, delta: number): State {
  return withRegister(state, ESP, plus(registerOf(state, ESP), delta));
}

function pop(state: State, to: Operand): State {
  const value = load(state, registerOf(state, ESP));
  // An operand in memory is addressed with the ESP after the pop.
  const popped = moveEsp(state, 4);
  return assign(popped, to, value);
}

function other(state: State, effect: Extract<Effect, { kind: 'other' }>, id: number): State {
  let next = state;
  for (const place of effect.stores) next = store(next, addressOf(state, place), CHANGED, place.size);
  for (const register of effect.writes)
    next = withRegister(next, register, register === ESP ? opaque(id) : CHANGED);
  return effect.esp === 0 ? next : moveEsp(next, effect.esp);
}

function apply(state: State, effect: Effect, id: number): State {
  switch (effect.kind) {
    case 'push': {
      const value = operandValue(state, effect.from);
      const pushed = moveEsp(state, -4);
      return store(pushed, registerOf(pushed, ESP), value, 4);
    }
    case 'pop':
      return pop(state, effect.to);
    case 'move':
      return assign(state, effect.to, operandValue(state, effect.from));
    case 'lea': {
      const address = addressOf(state, effect.memory);
      return withRegister(state, effect.to, isDefinite(address) ? address : CHANGED);
    }
    case 'add':
      return withRegister(state, effect.register, plus(registerOf(state, effect.register), effect.delta));
    case 'exchange': {
      const [a, b] = [registerOf(state, effect.a), registerOf(state, effect.b)];
      return withRegister(withRegister(state, effect.a, b), effect.b, a);
    }
    case 'leave': {
      const framed = withRegister(state, ESP, registerOf(state, EBP));
      return pop(framed, { kind: 'register', register: EBP });
    }
    case 'other':
      return other(state, effect, id);
  }
}

/** The state after an instruction that goes on to the next one; `id` names unknowns that it makes, such as its offset. */
export function step(state: State, { effect }: Decoded, id: number): State {
  const next = apply(state, effect, id);
  if (registerOf(next, ESP) === registerOf(state, ESP)) return next;
  // A stack pointer from nowhere is still one fixed place.
  return dropBelow(registerOf(next, ESP) === CHANGED ? withRegister(next, ESP, opaque(id)) : next);
}

/** The state when a call has come back: EAX, ECX and EDX are the callee's, and it may have popped arguments. */
export function afterCall(state: State, clobbered: readonly number[], pops: number): State {
  let next = state;
  for (const register of [0, 1, 2, ...clobbered]) next = withRegister(next, register, CHANGED);
  return dropBelow(moveEsp(next, pops));
}
