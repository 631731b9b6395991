// Types of stamp.mjs, for the TypeScript that uses it.
export declare const hashOf: (...parts: (string | Uint8Array)[]) => string;
export declare const sha256: (bytes: string | Uint8Array) => string;
export declare const filesBelow: (dir: string, wanted?: (name: string) => boolean) => string[];
export declare const hashFiles: (base: string, files: readonly string[]) => string;
export declare const readStamp: (file: string) => string | undefined;
export declare const writeStamp: (file: string, value: string) => void;
