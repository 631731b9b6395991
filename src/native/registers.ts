/**
 * Registers of a 32-bit process as PTRACE_GETREGSET(NT_PRSTATUS) gives them: 17 words (struct user_regs_struct32,
 * arch/x86/include/asm/user32.h).
 */
export const REGISTER_NAMES = [
  'ebx',
  'ecx',
  'edx',
  'esi',
  'edi',
  'ebp',
  'eax',
  'ds',
  'es',
  'fs',
  'gs',
  'origEax',
  'eip',
  'cs',
  'eflags',
  'esp',
  'ss',
] as const;

export type RegisterName = (typeof REGISTER_NAMES)[number];

/** Unsigned 32-bit values; origEax is signed. */
export type Registers = Readonly<Record<RegisterName, number>>;

export const REGISTERS_SIZE = 68;

/** Where each register is in the set, in bytes. */
export const REGISTER_AT = Object.fromEntries(REGISTER_NAMES.map((name, i) => [name, 4 * i])) as Readonly<
  Record<RegisterName, number>
>;

export function readRegisters(view: DataView): Registers {
  const word = (name: RegisterName) => view.getUint32(REGISTER_AT[name], true);
  return {
    ebx: word('ebx'),
    ecx: word('ecx'),
    edx: word('edx'),
    esi: word('esi'),
    edi: word('edi'),
    ebp: word('ebp'),
    eax: word('eax'),
    ds: word('ds'),
    es: word('es'),
    fs: word('fs'),
    gs: word('gs'),
    origEax: word('origEax') | 0,
    eip: word('eip'),
    cs: word('cs'),
    eflags: word('eflags'),
    esp: word('esp'),
    ss: word('ss'),
  };
}
