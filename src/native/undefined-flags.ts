/**
 * Which status flags an instruction leaves undefined (Intel SDM vol. 2, "Flags Affected"; AMD64 APM vol. 3). Two CPUs may
 * differ there, and so may the emulator. Opcodes of 32-bit mode, decoded only as far as the answer needs.
 */
const CF = 0x1;
const PF = 0x4;
const AF = 0x10;
const ZF = 0x40;
const SF = 0x80;
const OF = 0x800;
const ALL = CF | PF | AF | ZF | SF | OF;

const PREFIXES = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);

/** Bits of EFLAGS that are undefined after the instruction these bytes begin with. */
export function undefinedFlags(code: Uint8Array): number {
  let at = 0;
  while (PREFIXES.has(code[at] ?? 0)) at++;
  const opcode = code[at] ?? 0;
  const next = code[at + 1] ?? 0;
  return opcode === 0x0f ? twoByte(next, code[at + 2] ?? 0) : oneByte(opcode, next);
}

/** The middle field of a ModRM byte chooses the operation of a group. */
const groupOf = (modrm: number): number => (modrm >> 3) & 7;

function oneByte(opcode: number, next: number): number {
  // Rows of eight: add or adc sbb and sub xor cmp, six forms each.
  if (opcode < 0x40 && (opcode & 7) < 6) return isLogic(opcode >> 3) ? AF : 0;
  if (opcode >= 0x80 && opcode <= 0x83) return isLogic(groupOf(next)) ? AF : 0;
  if (opcode === 0x84 || opcode === 0x85 || opcode === 0xa8 || opcode === 0xa9) return AF;
  if (opcode === 0xc0 || opcode === 0xc1 || (opcode >= 0xd0 && opcode <= 0xd3))
    return shift(groupOf(next), opcode);
  if (opcode === 0x69 || opcode === 0x6b) return SF | ZF | AF | PF;
  if (opcode === 0xf6 || opcode === 0xf7) return unaryGroup(groupOf(next));
  if (opcode === 0x27 || opcode === 0x2f) return OF;
  if (opcode === 0x37 || opcode === 0x3f) return OF | SF | ZF | PF;
  if (opcode === 0xd4 || opcode === 0xd5) return OF | AF | CF;
  return 0;
}

function isLogic(operation: number): boolean {
  return operation === 1 || operation === 4 || operation === 6;
}

function shift(operation: number, opcode: number): number {
  const byOne = opcode === 0xd0 || opcode === 0xd1;
  if (operation < 4) return byOne ? 0 : OF;
  return AF | (byOne ? 0 : OF);
}

function unaryGroup(operation: number): number {
  if (operation < 2) return AF;
  if (operation === 4 || operation === 5) return SF | ZF | AF | PF;
  return operation >= 6 ? ALL : 0;
}

function twoByte(opcode: number, modrm: number): number {
  switch (opcode) {
    case 0xaf:
      return SF | ZF | AF | PF;
    case 0xbc:
    case 0xbd:
      return ALL & ~ZF;
    case 0xa3:
    case 0xab:
    case 0xb3:
    case 0xbb:
      return ALL & ~(CF | ZF);
    case 0xba:
      return groupOf(modrm) >= 4 ? ALL & ~(CF | ZF) : 0;
    case 0xa4:
    case 0xa5:
    case 0xac:
    case 0xad:
      return AF | OF;
    default:
      return 0;
  }
}
