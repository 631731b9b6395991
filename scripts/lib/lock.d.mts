// Types of lock.mjs, for the TypeScript that uses it.
export interface Entry {
  readonly id: string;
  readonly package: string;
  readonly version: string;
  readonly architecture: string;
  readonly suite: string;
  readonly sha256: string;
  readonly size: number;
  readonly members: string[];
}
export declare const parseLock: (text: string) => Entry[];
export declare const formatLock: (entries: readonly Entry[]) => string;
export declare const readLock: (file: string) => Entry[];
export declare const updateLock: (
  file: string,
  entries: readonly Entry[],
  id: string,
  replacement: readonly Entry[],
) => Entry[];
