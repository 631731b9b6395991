// Types of wanted.mjs, for the TypeScript that uses it.
export interface Part {
  readonly prefix: string;
  readonly name: RegExp;
  readonly version: RegExp;
  readonly take: readonly (readonly [from: string, to: string])[];
}
export interface Wanted {
  readonly id: string;
  readonly kind: 'libc' | 'libgcc' | 'headers' | 'vdso';
  readonly default: boolean;
  readonly required: boolean;
  readonly ways: readonly {
    suite: string;
    architecture: 'i386' | 'amd64' | 'source';
    parts: readonly Part[];
  }[];
}
export declare const wanted: readonly Wanted[];
