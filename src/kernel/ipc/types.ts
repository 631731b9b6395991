/**
 * System V message queues and semaphores (ipc/msg.c, ipc/sem.c) as immutable values: a change puts another one in the place
 * of the old, with the next version, and whoever waits looks again.
 */
export interface QueuedMessage {
  readonly type: number;
  readonly bytes: Uint8Array;
}

export interface MessageQueue {
  readonly kind: 'messages';
  readonly id: number;
  readonly version: number;
  readonly messages: readonly QueuedMessage[];
}

export interface Semaphores {
  readonly kind: 'semaphores';
  readonly id: number;
  readonly version: number;
  readonly values: readonly number[];
}

export type IpcObject = MessageQueue | Semaphores;
