// Types of version.mjs, for the TypeScript that uses it.
export declare const compareVersions: (a: string, b: string) => number;
