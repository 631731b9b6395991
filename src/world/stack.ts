import type { Cpu } from '../cpu/index.js';
import { STACK_TOP } from './layout.js';

/**
 * The initial stack (System V i386 ABI, "Process Initialization"; fs/binfmt_elf.c: create_elf_tables): argc, argv, envp, the
 * auxiliary vector, and above them the strings they point to.
 */
export type AuxEntry = readonly [type: number, value: number];

export const AT = {
  NULL: 0,
  PHDR: 3,
  PHENT: 4,
  PHNUM: 5,
  PAGESZ: 6,
  BASE: 7,
  FLAGS: 8,
  ENTRY: 9,
  UID: 11,
  EUID: 12,
  GID: 13,
  EGID: 14,
  PLATFORM: 15,
  HWCAP: 16,
  CLKTCK: 17,
  SECURE: 23,
  RANDOM: 25,
  HWCAP2: 26,
  EXECFN: 31,
  SYSINFO: 32,
  SYSINFO_EHDR: 33,
  MINSIGSTKSZ: 51,
} as const;

/** 16 bytes that a C library seeds its stack protector from: fixed, a run must not depend on chance. */
const RANDOM_BYTES = Uint8Array.from({ length: 16 }, (_, i) => 0x51 + i);

/** The stack's strings, from the top down, with their addresses. */
class StackWriter {
  private at = STACK_TOP - 4;
  readonly pieces: { address: number; bytes: Uint8Array }[] = [];

  push(bytes: Uint8Array): number {
    this.at -= bytes.length;
    this.pieces.push({ address: this.at, bytes });
    return this.at;
  }

  string(text: string): number {
    return this.push(Buffer.from(`${text}\0`, 'utf8'));
  }

  /** Strings so that the first has the lowest address. */
  strings(texts: readonly string[]): number[] {
    return [...texts]
      .reverse()
      .map((text) => this.string(text))
      .reverse();
  }

  /** Words at a 16-byte boundary: where the process's stack pointer will be. */
  words(values: readonly number[]): number {
    this.at = Math.floor((this.at - 4 * values.length) / 16) * 16;
    const bytes = new Uint8Array(4 * values.length);
    const view = new DataView(bytes.buffer);
    values.forEach((value, i) => {
      view.setUint32(4 * i, value >>> 0, true);
    });
    this.pieces.push({ address: this.at, bytes });
    return this.at;
  }
}

export interface StackContents {
  /** AT_EXECFN. */
  readonly path: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly aux: readonly AuxEntry[];
}

/** Writes the stack and returns the initial ESP. The entries for strings and random bytes are added here. */
export function writeInitialStack(cpu: Cpu, { path, args, env, aux }: StackContents): number {
  const stack = new StackWriter();
  const execfn = stack.string(path);
  const envAddresses = stack.strings(env);
  const argAddresses = stack.strings(args);
  const platform = stack.string('i686');
  const random = stack.push(RANDOM_BYTES);
  const all: AuxEntry[] = [
    ...aux,
    [AT.RANDOM, random],
    [AT.EXECFN, execfn],
    [AT.PLATFORM, platform],
    [AT.NULL, 0],
  ];
  const esp = stack.words([args.length, ...argAddresses, 0, ...envAddresses, 0, ...all.flat()]);
  for (const { address, bytes } of stack.pieces) cpu.write(address, bytes);
  return esp;
}
