export declare const installedAsLocked: (folder?: string) => boolean;
export declare const modulesReady: () => boolean;
export declare const installModules: () => void;
