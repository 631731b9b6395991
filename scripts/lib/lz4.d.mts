// Types of lz4.mjs, for the TypeScript that uses it.
export declare const lz4Legacy: (data: Uint8Array) => Uint8Array;
