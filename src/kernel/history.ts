import type { ProposalEvent } from './proposals/types.js';
import type { SigInfo } from './siginfo.js';
import type { CalleeSaved, EntryForm } from './state.js';

/**
 * What happened in a run, in order: the only thing that rules and reports see. Numbers are as the kernel sees them: args
 * and registers unsigned, results signed.
 */
export type Event =
  | {
      kind: 'call';
      tid: number;
      nr: number;
      args: readonly number[];
      form: EntryForm;
      at: number;
      cancellable?: true;
    }
  /** The value a call left in EAX, restart codes included, before the exit path looked at it. */
  | { kind: 'return'; tid: number; nr: number; value: number }
  | { kind: 'sleep'; tid: number; nr: number; uninterruptible?: true }
  | { kind: 'wake'; tid: number; nr: number }
  | { kind: 'effect'; tid: number; nr: number; effect: Effect }
  | {
      kind: 'signal';
      tid: number;
      to: { pid: number; tid?: number };
      sig: number;
      dropped?: 'ignored' | 'pending';
    }
  | {
      kind: 'deliver';
      tid: number;
      sig: number;
      info: SigInfo;
      handler: number;
      frame: number;
      context: Interrupted;
      /** Of the action. */
      flags?: number;
    }
  | { kind: 'restart'; tid: number; nr: number; code: number; outcome: 'restarted' | 'eintr' }
  | { kind: 'sigreturn'; tid: number; frame: number; context: Interrupted }
  /** `sig` and the `flags` of its action where there is one, else 0. */
  | {
      kind: 'proposal';
      tid: number;
      what: ProposalEvent;
      sig: number;
      flags: number;
      scope?: 'any' | 'marked';
    }
  /** `symbol`: the explorer's own, for a program whose window is given by symbols; it says nothing of registers. */
  | {
      kind: 'mark';
      tid: number;
      mark: number;
      args: readonly number[];
      saved: CalleeSaved;
      symbol?: true;
    }
  | { kind: 'spawn'; tid: number; child: number }
  | { kind: 'exit'; tid: number; status: number }
  | { kind: 'exit-group'; tid: number; pid: number; status: number }
  | { kind: 'killed'; tid: number; pid: number; sig: number; info: SigInfo }
  | { kind: 'fault'; tid: number; sig: number; at: number; address: number; what: string }
  | { kind: 'unmodelled'; tid: number; what: string }
  | { kind: 'output'; tid: number; fd: number; bytes: Uint8Array }
  | { kind: 'switch'; tid: number; to: number }
  | { kind: 'time'; tid: 0; now: number }
  | { kind: 'watch'; tid: number; what: 'call' | 'return' | 'act'; saved: CalleeSaved; value: number }
  /**
   * Unwinding from the instruction `at` goes wrong in the frame whose next instruction is `pc`, `depth` frames out: the frame
   * description gives `declared` in this column, the truth is `actual`.
   */
  | {
      kind: 'unwind';
      tid: number;
      at: number;
      pc: number;
      depth: number;
      column: string;
      declared: string;
      actual: string;
    }
  | { kind: 'choice'; tid: 0; index: number; action: 'cancel' | 'signal' };

/** Registers of an interrupted or restored user context. */
export interface Interrupted {
  readonly eip: number;
  readonly esp: number;
  readonly eax: number;
  readonly origEax: number;
}

/** Something a call did that cannot be taken back. */
export type Effect =
  | { readonly kind: 'consumed'; readonly object: string; readonly bytes: number }
  | { readonly kind: 'produced'; readonly object: string; readonly bytes: number }
  | { readonly kind: 'descriptor'; readonly fd: number }
  | { readonly kind: 'closed'; readonly fd: number }
  | { readonly kind: 'dequeued-signal'; readonly sig: number }
  | { readonly kind: 'woken'; readonly address: number }
  | { readonly kind: 'child'; readonly pid: number };
