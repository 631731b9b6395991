import { errorName } from '../kernel/abi/errno.js';
import { signalName } from '../kernel/abi/signals.js';
import type { Event } from '../kernel/history.js';
import { syscallName } from '../kernel/syscalls/table.js';
import { describe } from '../rules/no-lost-effect.js';
import { mark } from '../world/marks.js';

/** One line an event, for timelines and traces. `name` names addresses. */
export function eventText(event: Event, name: (address: number) => string): string {
  switch (event.kind) {
    case 'call':
      return isMark(event.nr) ? '' : `${syscallName(event.nr)}() by ${event.form}`;
    case 'return':
      return isMark(event.nr) ? '' : `${syscallName(event.nr)} = ${valueText(event.value)}`;
    case 'sleep':
      return `${syscallName(event.nr)} goes to sleep`;
    case 'wake':
      return `${syscallName(event.nr)} is woken`;
    case 'effect':
      return `effect: ${describe(event.effect)}`;
    case 'signal':
      return `${signalName(event.sig)} is sent to ${event.to.tid ?? `process ${event.to.pid}`}${event.dropped ? ` (${event.dropped}: dropped)` : ''}`;
    case 'deliver':
      return `${signalName(event.sig)} is delivered: the frame at 0x${event.frame.toString(16)} shows ${contextText(event.context, name)}; handler ${name(event.handler)}`;
    case 'restart':
      return `${errorName(event.code)}: ${event.outcome === 'eintr' ? 'becomes -EINTR' : 'the call will be made again'}`;
    case 'sigreturn':
      return `sigreturn to ${contextText(event.context, name)}`;
    case 'proposal':
      return proposalText(event);
    case 'mark':
      return markText(event);
    case 'spawn':
      return `thread ${event.child} is made`;
    case 'exit':
      return 'the thread ends';
    case 'exit-group':
      return `the process ends with status ${event.status}`;
    case 'killed':
      return `the process is killed by ${signalName(event.sig)}`;
    case 'fault':
      return `fault: ${event.what} at ${name(event.at)} (address 0x${event.address.toString(16)}): ${signalName(event.sig)}`;
    case 'unmodelled':
      return `${event.what} is not modelled`;
    case 'output':
      return `writes ${JSON.stringify(Buffer.from(event.bytes).toString('utf8'))} to descriptor ${event.fd}`;
    case 'switch':
      return `the CPU goes to ${event.to}`;
    case 'time':
      return `everybody sleeps: time moves to ${event.now / 1e9} s`;
    case 'watch':
      return watchText(event);
    case 'unwind':
      return `unwinding from ${name(event.at)} goes wrong at ${name(event.pc)}: ${event.column} is ${event.declared} by the description, in truth ${event.actual}`;
    case 'choice':
      return event.action === 'signal' ? 'here a signal is sent' : 'here the canceller gets the CPU';
  }
}

function isMark(nr: number): boolean {
  return nr >= mark.windowBegin && nr <= mark.windowBegin + 0xff;
}

export function valueText(value: number): string {
  return value < 0 && value > -4096
    ? `-${errorName(-value)}`
    : value > 65535 || value < 0
      ? `0x${(value >>> 0).toString(16)}`
      : `${value}`;
}

function contextText(
  context: { eip: number; esp: number; eax: number; origEax: number },
  name: (address: number) => string,
): string {
  const call = context.origEax === -1 ? '' : `, interrupted call ${syscallName(context.origEax)}`;
  return `EIP ${name(context.eip)}, ESP 0x${context.esp.toString(16)}, EAX ${valueText(context.eax | 0)}${call}`;
}

const markNames = new Map<number, string>([
  [mark.windowBegin, 'the window begins'],
  [mark.windowEnd, 'the window ends'],
  [mark.park, 'waits to be let go'],
  [mark.saw, 'the program sees the result'],
  [mark.cleanup, 'a cleanup handler runs'],
  [mark.request, 'calls pthread_cancel'],
  [mark.requested, 'pthread_cancel has returned'],
  [mark.joined, 'pthread_join has returned'],
  [mark.disabled, 'cancellation is disabled (1) or enabled (0)'],
  [mark.resource, 'account: should be left, is left'],
  [mark.async, 'cancellation is asynchronous (1) or deferred (0)'],
]);

/** How many arguments of a mark say something. */
const markArguments = new Map<number, number>([
  [mark.saw, 2],
  [mark.joined, 1],
  [mark.disabled, 1],
  [mark.resource, 2],
  [mark.async, 1],
  [mark.requested, 1],
]);

function markText(event: Extract<Event, { kind: 'mark' }>): string {
  const args = event.args.slice(0, markArguments.get(event.mark) ?? 0).map((value) => `${value | 0}`);
  return `${markNames.get(event.mark) ?? 'mark'}${args.length > 0 ? ` (${args.join(', ')})` : ''}`;
}

function proposalText({ what, sig }: Extract<Event, { kind: 'proposal' }>): string {
  switch (what) {
    case 'flag-set':
      return 'its cancel flag is set';
    case 'flag-cleared':
      return 'it clears its cancel flag';
    case 'latched':
      return `${signalName(sig)} sticks`;
    case 'latched-by-clone':
      return `${signalName(sig)} sticks in the new thread too`;
    case 'cleared':
      return `${signalName(sig)} is cleared`;
    case 'exit-loop':
      return 'the way out of the kernel never ends: a signal stays pending that cannot be delivered';
  }
}

function watchText({ what, value }: Extract<Event, { kind: 'watch' }>): string {
  if (what === 'call') return 'the cancellation point is entered';
  return what === 'act'
    ? 'the cancellation is acted on'
    : `the cancellation point returns ${valueText(value)}`;
}
