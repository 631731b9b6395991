// Object files for older linkers. A compiler since 2025 writes `push sym@GOT(%reg)` with relocation R_386_GOT32X, which lets a
// linker shorten the access (i386 psABI, "Optimize GOT32X Relocations": mov, test, binop, call, jmp). GNU ld up to at least 2.40 takes
// every ff opcode for a call or jump and turns the push into a jump. R_386_GOT32 means the same without that permission.
//
// Layout: ar(5) archive members (60-byte headers, even sizes); ELF32 relocatable files, section type 9 (SHT_REL).

const GOT32 = 3;
const GOT32X = 43;

/** Rewrites the relocations of pushes in one object file, in place. @returns {number} how many */
const fixObject = (bytes) => {
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [shoff, shnum] = [v.getUint32(0x20, true), v.getUint16(0x30, true)];
  const field = (i, at) => v.getUint32(shoff + i * 40 + at, true);
  let fixed = 0;
  for (let i = 0; i < shnum; i++) {
    if (field(i, 4) !== 9) continue;
    const code = field(field(i, 28), 16);
    for (let at = field(i, 16); at < field(i, 16) + field(i, 20); at += 8) {
      const [place, info] = [code + v.getUint32(at, true), v.getUint32(at + 4, true)];
      // ff /6 with a register and a 32-bit displacement.
      const isPush = bytes[place - 2] === 0xff && (bytes[place - 1] & 0xf8) === 0xb0;
      if ((info & 0xff) !== GOT32X || !isPush) continue;
      v.setUint32(at + 4, ((info & ~0xff) | GOT32) >>> 0, true);
      fixed++;
    }
  }
  return fixed;
};

const isObject = (bytes) =>
  bytes.length > 52 && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[4] === 1 && bytes[16] === 1;

/**
 * An object file or an archive of object files, changed in place; anything else is left alone.
 * @param {Uint8Array} bytes @returns {number} how many relocations were rewritten
 */
export const avoidPushRelaxation = (bytes) => {
  if (isObject(bytes)) return fixObject(bytes);
  if (Buffer.from(bytes.subarray(0, 8)).toString('latin1') !== '!<arch>\n') return 0;
  let fixed = 0;
  for (let at = 8; at + 60 <= bytes.length; ) {
    const size = Number(Buffer.from(bytes.subarray(at + 48, at + 58)).toString('latin1'));
    const member = bytes.subarray(at + 60, at + 60 + size);
    if (isObject(member)) fixed += fixObject(member);
    at += 60 + size + (size & 1);
  }
  return fixed;
};
