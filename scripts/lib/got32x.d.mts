// Types of got32x.mjs, for the TypeScript that uses it.
export declare const avoidPushRelaxation: (bytes: Uint8Array) => number;
