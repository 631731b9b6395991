export declare const compareVersions: (a: string, b: string) => number;
