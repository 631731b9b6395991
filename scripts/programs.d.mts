// Types of programs.mjs, for the TypeScript that uses it.
export declare const buildWords: (source: string) => { pie: boolean; libc: string | undefined };
export declare const presentLibcs: () => string[];
export declare const outdatedPrograms: () => { outdated: number; total: number };
export declare const buildPrograms: (options?: { force?: boolean; names?: readonly string[] }) => {
  built: number;
  kept: number;
};
