// Types of own-libc.mjs, for the TypeScript that uses it.
export interface OwnLibcRequest {
  /** Path of libc.a. */
  readonly archive: string;
  readonly family: 'musl' | 'glibc';
  readonly scenarios: readonly string[];
}
export type OwnLibcResult =
  | {
      readonly ok: true;
      /** Scenario -> path of its executable. */
      readonly programs: Readonly<Record<string, string>>;
      /** What could not be built, a line each. */
      readonly failed: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };
export declare const programsFor: (request: OwnLibcRequest) => OwnLibcResult;
