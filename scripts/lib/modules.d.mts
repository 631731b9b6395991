// Types of modules.mjs, for the TypeScript that uses it.
export declare const installedAsLocked: (folder?: string) => boolean;
export declare const modulesReady: () => boolean;
export declare const installModules: () => void;
