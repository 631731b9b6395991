// Types of own-vdso.mjs, for the TypeScript that uses it.
export declare const printerExecutable: () => Uint8Array;
export declare const ownVdso: () => { ok: true; image: Uint8Array } | { ok: false; reason: string };
