// Types of kernel-mutants.mjs, for the tests.
export interface KernelMutant {
  /** The module, from the project's root. */
  readonly path: string;
  readonly name: string;
  /** All of the module, changed in one place. */
  readonly source: string;
}
export declare const PER_FILE: number;
export declare const mutantsOf: (path: string, source: string) => Omit<KernelMutant, 'path'>[];
export declare const kernelMutants: () => KernelMutant[];
export declare const compiled: (source: string) => string;
