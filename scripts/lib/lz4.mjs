// LZ4 in the legacy frame that kernels use: u32 magic 0x184c2102, then blocks {u32 compressed size, data}, each of up to 8 MiB
// of output. Source: lz4_Frame_format.md ("Legacy frame") and lz4_Block_format.md. Node has no LZ4 and Debian installs no lz4 program.

const BLOCK = 8 << 20;

/** A token's length: 15 means that bytes follow, each added, up to the first that is not 255. */
const longer = (input, at, start) => {
  let [length, i] = [start, at];
  if (start === 15) {
    let byte;
    do {
      byte = input[i++] ?? 0;
      length += byte;
    } while (byte === 255);
  }
  return [length, i];
};

/** @param {Uint8Array} input one compressed block @param {Uint8Array} out @param {number} start @returns {number} end in `out` */
const decodeBlock = (input, out, start) => {
  let [i, o] = [0, start];
  while (i < input.length) {
    const token = input[i];
    let count;
    [count, i] = longer(input, i + 1, token >> 4);
    if (i + count > input.length || o + count > out.length) throw new RangeError('literals run past the end');
    out.set(input.subarray(i, i + count), o);
    [i, o] = [i + count, o + count];
    if (i >= input.length) break;
    const from = o - (input[i] | (input[i + 1] << 8));
    [count, i] = longer(input, i + 2, token & 15);
    count += 4;
    if (from < start || from >= o || o + count > out.length)
      throw new RangeError('a match points outside the block');
    // Byte by byte: a match may overlap what it writes.
    for (let k = 0; k < count; k++) out[o + k] = out[from + k];
    o += count;
  }
  return o;
};

/** @param {Uint8Array} data from the magic on @returns {Uint8Array} @throws {RangeError} on damaged data */
export const lz4Legacy = (data) => {
  const v = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const parts = [];
  for (let at = 4; at + 4 <= data.length; ) {
    const size = v.getUint32(at, true);
    if (size === 0 || at + 4 + size > data.length) break;
    const out = new Uint8Array(BLOCK);
    parts.push(out.subarray(0, decodeBlock(data.subarray(at + 4, at + 4 + size), out, 0)));
    at += 4 + size;
  }
  if (parts.length === 0) throw new RangeError('no complete block');
  return Buffer.concat(parts);
};
