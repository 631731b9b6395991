// Types of carve.mjs, for the TypeScript that uses it.
export declare class CarveError extends Error {
  readonly code: string;
  constructor(code: string, message: string);
}
export declare const payloadOf: (kernel: Uint8Array) => Uint8Array;
export declare const decompress: (payload: Uint8Array) => Uint8Array;
export declare const embeddedImages: (bytes: Uint8Array) => { offset: number; bytes: Uint8Array }[];
export declare const carve: (kernel: Uint8Array) => { offset: number; bytes: Uint8Array }[];
