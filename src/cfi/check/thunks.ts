// GCC's thunks that load a register with the program counter: they change it by agreement with their callers.
// SOURCE: GCC's names (__x86.get_pc_thunk.bx, before GCC 4.7 __i686.get_pc_thunk.bx) and the code it gives them.

const THUNK_REGISTERS: ReadonlyMap<string, number> = new Map([
  ['ax', 0],
  ['cx', 1],
  ['dx', 2],
  ['bx', 3],
  ['bp', 5],
  ['si', 6],
  ['di', 7],
]);

function thunkByName(name: string): number | undefined {
  const register = /get_pc_thunk\.(\w\w)$/.exec(name)?.[1];
  return register === undefined ? undefined : THUNK_REGISTERS.get(register);
}

/** The register that a function loads with the program counter, when it is such a thunk: changed by agreement. */
export function thunkRegister(name: string | undefined, bytes: Uint8Array): number | undefined {
  return (name === undefined ? undefined : thunkByName(name)) ?? thunkByCode(bytes);
}

/** `mov (%esp), %reg; ret`: 8b, a ModRM byte with a SIB, 24, c3. */
function thunkByCode(bytes: Uint8Array): number | undefined {
  const [opcode, modrm, sib, ret] = bytes;
  const isThunk =
    opcode === 0x8b && modrm !== undefined && (modrm & 0xc7) === 0x04 && sib === 0x24 && ret === 0xc3;
  return isThunk ? (modrm >> 3) & 7 : undefined;
}
