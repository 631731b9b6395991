import type { SigInfo } from '../siginfo.js';
import type { SignalSet } from '../sigset.js';

/**
 * Kernel features that Linux does not have, proposed on LKML in March 2016 for cancellable system calls. The base model
 * calls this folder at a few named places (hooks.ts); without a proposal each of them answers what Linux does.
 */
export type Proposals =
  | { readonly kind: 'sticky-flag' }
  | { readonly kind: 'sticky-signal'; readonly switches: StickySwitches }
  | { readonly kind: 'sync-signal' }
  | { readonly kind: 'fatal-like' };

/** What the text of the sticky signals leaves open: one switch a question, the literal reading first in switches.ts. */
export interface StickySwitches {
  /** literal: signal_pending() stays true, also on the way to user mode. per-call: only from call entry to exit. */
  readonly pending: 'literal' | 'per-call';
  /** mask: the handler's signal mask keeps it away. latch: a second mask that only delivery looks at. */
  readonly block: 'mask' | 'latch';
  /** raw: restart codes as today. eintr: turned into -EINTR when no handler is to run. */
  readonly restart: 'raw' | 'eintr';
  /** Calls that are always restarted (clone): again, -EINTR, or the latch is not looked at. */
  readonly nointr: 'restart' | 'eintr' | 'exempt';
  /** When the signal sticks: with the handler's frame, or when the handler returns. */
  readonly latchAt: 'delivery' | 'sigreturn';
  /** What clearing does to further copies in the queue. */
  readonly clear: 'keep' | 'discard';
  /** Which calls the latch interrupts: all, or those that say so in their number. */
  readonly scope: 'any' | 'marked';
  /** A process-directed signal stays in the shared queue, or moves to the thread that took it. */
  readonly group: 'shared' | 'latches';
  /** What a new thread gets. */
  readonly inherit: 'keep' | 'drop';
}

/** A signal whose handler runs and that will stick when it returns. */
export interface Latching {
  readonly frame: number;
  readonly info: SigInfo;
  readonly shared: boolean;
}

/** What a proposal keeps for a thread. Immutable: replaced as a whole, so that copies of the state may share it. */
export interface TaskProposal {
  /** sticky-flag: a cancellation was requested. */
  readonly flag: boolean;
  /** sticky-signal: delivered, and still pending. */
  readonly latched: SignalSet;
  readonly latching: readonly Latching[];
  /** sync-signal: the exit from a call that was interrupted before it did anything. */
  readonly open: boolean;
  /** Passes through the exit path, restarts or deliveries that changed nothing. */
  readonly spins: number;
}

/** What a proposal did, for the history. */
export type ProposalEvent =
  | 'flag-set'
  | 'flag-cleared'
  /** `flags` are those of the signal's action. */
  | 'latched'
  | 'latched-by-clone'
  | 'cleared'
  | 'exit-loop';
