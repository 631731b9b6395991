// Dynamic symbol look-up as a C library does it, from program headers and dynamic entries alone.
// SOURCE: System V ABI "Hash Table"; binutils for the GNU table.
import { type ElfFile, fileOffset } from '../../src/elf/index.js';

const DT = { HASH: 4, STRTAB: 5, SYMTAB: 6, GNU_HASH: 0x6ffffef5 };

function dynamicReader(elf: ElfFile) {
  const view = new DataView(elf.bytes.buffer, elf.bytes.byteOffset, elf.bytes.byteLength);
  const table = (tag: number) =>
    fileOffset(elf, elf.dynamic.find((entry) => entry.tag === tag)?.value ?? 0) ?? 0;
  const word = (at: number) => view.getUint32(at, true);
  const symbol = (index: number) => {
    const at = table(DT.SYMTAB) + index * 16;
    const start = table(DT.STRTAB) + word(at);
    const name = Buffer.from(elf.bytes.subarray(start, elf.bytes.indexOf(0, start))).toString();
    return { name, value: word(at + 4) };
  };
  return { table, word, symbol };
}

/** Value of a symbol by DT_HASH; undefined when it is not there. */
export function lookUpSysv(elf: ElfFile, name: string): number | undefined {
  const { table, word, symbol } = dynamicReader(elf);
  let hash = 0n;
  for (const byte of Buffer.from(name)) {
    hash = (hash << 4n) + BigInt(byte);
    hash = (hash ^ ((hash & 0xf0000000n) >> 24n)) & 0x0fffffffn;
  }
  const at = table(DT.HASH);
  const buckets = word(at);
  let index = word(at + 8 + 4 * Number(hash % BigInt(buckets)));
  while (index !== 0 && symbol(index).name !== name) index = word(at + 8 + 4 * (buckets + index));
  return index === 0 ? undefined : symbol(index).value;
}

/** Value of a symbol by DT_GNU_HASH; undefined when it is not there. */
export function lookUpGnu(elf: ElfFile, name: string): number | undefined {
  const { table, word, symbol } = dynamicReader(elf);
  let wide = 5381n;
  for (const byte of Buffer.from(name)) wide = (wide * 33n + BigInt(byte)) & 0xffffffffn;
  const hash = Number(wide);
  const at = table(DT.GNU_HASH);
  const [buckets, first, filters, shift] = [word(at), word(at + 4), word(at + 8), word(at + 12)];
  const filter = BigInt(word(at + 16 + 4 * (Math.floor(hash / 32) % filters)));
  const passes = (bit: number) => ((filter >> BigInt(bit % 32)) & 1n) === 1n;
  if (!passes(hash) || !passes(hash >>> shift)) return undefined;
  const bucketAt = at + 16 + 4 * filters;
  const chainAt = bucketAt + 4 * buckets;
  let index = word(bucketAt + 4 * (hash % buckets));
  if (index === 0) return undefined;
  for (; ; index++) {
    const entry = word(chainAt + 4 * (index - first));
    if ((entry | 1) === (hash | 1) && symbol(index).name === name) return symbol(index).value;
    if ((entry & 1) === 1) return undefined;
  }
}
