// Types of sources.mjs, for the TypeScript that uses it.
export interface Source {
  readonly uris: string[];
  readonly suites: string[];
  readonly components: string[];
  readonly options: Record<string, string>;
  readonly file: string;
}
export declare const parseOneLine: (text: string, file: string) => Source[];
export declare const parseDeb822: (text: string, file: string) => Source[];
export declare const mainArchive: (sources: readonly Source[]) => Source | undefined;
export declare const sourceFor: (source: Source, suite: string, architecture: string) => string;
export declare const machineSources: (etc?: string) => Source[];
