/** String instructions with a repeat prefix (Intel SDM vol. 2, REP): one instruction that stops in between. */
const STRING_OPCODES = new Set([
  0x6c, 0x6d, 0x6e, 0x6f, 0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf,
]);

export function isRepeated([prefix, opcode]: Uint8Array): boolean {
  return (prefix === 0xf3 || prefix === 0xf2) && STRING_OPCODES.has(opcode ?? 0);
}
