// i386 machine code to AT&T text, by capstone. Total: bytes that are no instruction become '(bad)' lines of one byte.
// Capstone is WebAssembly and starts asynchronously: the module system awaits it once (some 70 ms), use is synchronous.
import MCapstone from '@alexaltea/capstone-js';

export interface Instruction {
  /** Unsigned 32-bit address of its first byte. */
  readonly address: number;
  /** Length in bytes, 1 to 15. */
  readonly size: number;
  readonly bytes: Uint8Array;
  /** AT&T text such as 'movl %esp, %ebp'; '(bad)' when the bytes are no instruction. */
  readonly text: string;
  /** Where a direct jump or call goes, unsigned 32 bits. */
  readonly target: number | undefined;
}

/** Names an address for people, such as 'read+0x14'; undefined leaves the number. */
export type NameAddress = (address: number) => string | undefined;

const LONGEST_INSTRUCTION_BYTES = 15;
const capstone = await MCapstone();
const decoder = new capstone.Capstone(capstone.ARCH_X86, capstone.MODE_32);
decoder.option(capstone.OPT_SYNTAX, capstone.OPT_SYNTAX_ATT);

function decode(bytes: Uint8Array, address: number, max: number): ReturnType<typeof decoder.disasm> {
  try {
    return bytes.length === 0 ? [] : decoder.disasm(bytes, address, max);
  } catch (error) {
    // The wrapper reports "nothing decoded" by throwing a string; anything else is a broken tool.
    if (typeof error === 'string') return [];
    throw error;
  }
}

const BRANCH = /^(?:bnd )?(?:j[a-z]+|call[lw]?|loop[a-z]*|xbegin)$/;
/** LLVM writes the operand size of these too; nobody else does. */
const PLAIN_MNEMONIC: ReadonlyMap<string, string> = new Map([
  ['calll', 'call'],
  ['retl', 'ret'],
  ['jmpl', 'jmp'],
  ['iretl', 'iret'],
]);

function present(
  raw: { readonly mnemonic: string; readonly op_str: string; readonly size: number },
  address: number,
  bytes: Uint8Array,
  name: NameAddress | undefined,
): Instruction {
  const mnemonic = PLAIN_MNEMONIC.get(raw.mnemonic) ?? raw.mnemonic;
  const direct = BRANCH.test(raw.mnemonic) && /^(?:0x[0-9a-f]+|\d+)$/.test(raw.op_str);
  const target = direct ? Number(BigInt.asUintN(32, BigInt(raw.op_str))) : undefined;
  const known = target === undefined ? undefined : name?.(target);
  const plain = target === undefined ? raw.op_str : `0x${target.toString(16)}`;
  const operands = known === undefined ? plain : `${plain} <${known}>`;
  const text = operands === '' ? mnemonic : `${mnemonic} ${operands}`;
  return { address: address >>> 0, size: raw.size, bytes: bytes.slice(0, raw.size), text, target };
}

function bad(bytes: Uint8Array, address: number): Instruction {
  return { address: address >>> 0, size: 1, bytes: bytes.slice(0, 1), text: '(bad)', target: undefined };
}

/** The one instruction at the start of `bytes`; undefined when they are none (also when they are cut short). */
export function decodeOne(bytes: Uint8Array, address: number, name?: NameAddress): Instruction | undefined {
  const window = bytes.subarray(0, LONGEST_INSTRUCTION_BYTES);
  const raw = decode(window, address >>> 0, 1)[0];
  return raw === undefined ? undefined : present(raw, address, window, name);
}

/** All of `bytes`, which lie at `address`, as instructions; their sizes add up to `bytes.length`. */
export function disassemble(bytes: Uint8Array, address: number, name?: NameAddress): Instruction[] {
  const instructions: Instruction[] = [];
  let at = 0;
  while (at < bytes.length) {
    for (const raw of decode(bytes.subarray(at), (address + at) >>> 0, 0)) {
      instructions.push(present(raw, address + at, bytes.subarray(at), name));
      at += raw.size;
    }
    if (at < bytes.length) {
      instructions.push(bad(bytes.subarray(at), address + at));
      at += 1;
    }
  }
  return instructions;
}
