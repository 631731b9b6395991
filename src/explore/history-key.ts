// What rules see of a run's history, as a short text for "same state, same future".
import type { Event } from '../kernel/history.js';
import type { Texts } from './texts.js';

/** A frame of the target that no sigreturn has taken yet, and those below it. */
interface OpenFrame {
  readonly frame: number;
  readonly below: OpenFrame | null;
}

/** The history up to and with an event. */
interface Link {
  readonly event: Event;
  /** Equal for equal histories. */
  readonly id: number;
  readonly open: OpenFrame | null;
}

/** poll, epoll_wait, epoll_pwait: sticky-4 looks at their timeouts. What is in the registers is nobody's argument otherwise. */
const WITH_TIMEOUT: ReadonlySet<number> = new Set([168, 256, 319]);

/**
 * Addresses by which otherwise equal runs differ are none of it: of a frame only to which one a handler returns, and which
 * ones are still open. The runs of a cell share the begin of their histories, which is gone through once.
 */
export class HistoryKeys {
  private readonly links: Link[] = [];

  constructor(private readonly texts: Texts) {}

  of(history: readonly Event[], begin: number, target: number): string {
    const { links } = this;
    const count = history.length - begin;
    let at = 0;
    while (at < count && links[at]?.event === history[begin + at]) at++;
    links.length = at;
    for (; at < count; at++) {
      const event = history[begin + at];
      if (event !== undefined) links.push(this.next(links[at - 1], event, target));
    }
    const last = links.at(-1);
    let frames = '';
    for (let open = last?.open ?? null; open !== null; open = open.below) frames += ` ${open.frame}`;
    return `${last?.id ?? -1}${frames}`;
  }

  private next(before: Link | undefined, event: Event, target: number): Link {
    let open = before?.open ?? null;
    let text = this.textOf(event);
    if (event.tid === target && event.kind === 'deliver') open = { frame: event.frame, below: open };
    if (event.tid === target && event.kind === 'sigreturn') {
      const { depth, below } = outOf(open, event.frame);
      text += depth;
      open = below;
    }
    const id = text === '' ? before?.id : this.texts.id(`${before?.id ?? -1}>${text}`);
    return { event, id: id ?? -1, open };
  }

  private textOf(event: Event): string {
    switch (event.kind) {
      case 'mark':
      case 'watch':
      case 'unwind':
      case 'effect':
      case 'sleep':
      case 'restart':
      case 'return':
      case 'proposal':
      case 'fault':
      case 'unmodelled':
      case 'time':
        return this.texts.of(event);
      case 'call':
        return `call${event.tid}:${event.nr}:${WITH_TIMEOUT.has(event.nr) ? event.args.join() : ''}:${event.cancellable};`;
      case 'deliver':
        return `deliver${event.tid}:${event.sig}:${event.flags}:${event.context.origEax === -1};`;
      case 'signal':
      case 'killed':
        return `${event.kind}${event.tid}:${event.sig};`;
      case 'sigreturn':
      case 'exit':
        return `${event.kind}${event.tid};`;
      default:
        return '';
    }
  }
}

/** How many frames a sigreturn to this one closes, and what is open afterwards; none when it is not open. */
function outOf(open: OpenFrame | null, frame: number): { depth: string; below: OpenFrame | null } {
  let depth = 1;
  for (let at = open; at !== null; at = at.below, depth++)
    if (at.frame === frame) return { depth: String(depth), below: at.below };
  return { depth: 'none', below: open };
}
