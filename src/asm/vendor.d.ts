// The parts of capstone-js 5 and keystone-js 0.9 that sigsweep uses; the packages bring no types.
// SOURCE: the wrappers' own JavaScript, read and tried. Both throw strings, not Errors.

declare module '@alexaltea/capstone-js' {
  interface CapstoneInstruction {
    readonly address: bigint;
    readonly size: number;
    readonly mnemonic: string;
    readonly op_str: string;
  }
  interface CapstoneHandle {
    option(option: number, value: number): void;
    /** Throws a string when not even the first instruction decodes; stops silently at a later bad one. */
    disasm(bytes: Uint8Array, address: number, max?: number): CapstoneInstruction[];
  }
  interface CapstoneModule {
    readonly Capstone: new (arch: number, mode: number) => CapstoneHandle;
    readonly ARCH_X86: number;
    readonly MODE_32: number;
    readonly OPT_SYNTAX: number;
    readonly OPT_SYNTAX_ATT: number;
  }
  function MCapstone(): Promise<CapstoneModule>;
  export = MCapstone;
}

declare module '@alexaltea/keystone-js' {
  interface KeystoneOutput {
    readonly mc: Uint8Array;
    readonly count: number;
    readonly failed: boolean;
  }
  interface KeystoneHandle {
    asm(source: string, address: number): KeystoneOutput;
    errno(): number;
  }
  interface KeystoneModule {
    readonly Keystone: new (arch: number, mode: number) => KeystoneHandle;
    readonly ARCH_X86: number;
    readonly MODE_32: number;
    strerror(code: number): string;
  }
  function MKeystone(): Promise<KeystoneModule>;
  export = MKeystone;
}
