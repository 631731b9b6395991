// The 32-bit vDSO images inside a kernel. Node built-ins only; decompression by the xz and zstd programs.
//
// Layout and sources:
//  - bzImage header: Documentation/arch/x86/boot.rst: 0x1f1 setup_sects (0 means 4), 0x202 "HdrS", 0x206 protocol version
//    (payload fields from 2.08), 0x248 payload_offset (from the protected-mode code, at (setup_sects + 1) * 512),
//    0x24c payload_length.
//  - The payload is a compressed vmlinux; all formats but gzip are followed by its uncompressed size (u32).
//  - Each vDSO is a complete ELF32 shared object inside vmlinux: EM_386, ET_DYN, exporting __kernel_vsyscall. The section
//    header table comes last, so its end is the image's end (ELF specification, figure 1-3).
import { spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';
import { lz4Legacy } from './lib/lz4.mjs';

/** A kernel image that can't be carved; `code` is stable. */
export class CarveError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const startsWith = (bytes, magic) => magic.every((b, i) => bytes[i] === b);

/** The compressed payload of a bzImage. @param {Uint8Array} kernel @returns {Uint8Array} @throws {CarveError} */
export const payloadOf = (kernel) => {
  const v = view(kernel);
  if (kernel.length < 0x268 || v.getUint32(0x202, true) !== 0x53726448) {
    throw new CarveError('not-bzimage', 'not a Linux/x86 bzImage: "HdrS" is not at 0x202');
  }
  const version = v.getUint16(0x206, true);
  if (version < 0x208) {
    throw new CarveError(
      'old-protocol',
      `boot protocol ${version.toString(16)} has no payload fields (2.08 has)`,
    );
  }
  const start = ((kernel[0x1f1] || 4) + 1) * 512 + v.getUint32(0x248, true);
  const end = start + v.getUint32(0x24c, true);
  if (end > kernel.length || end - start < 8) {
    throw new CarveError(
      'truncated-kernel',
      `payload ${start}..${end} is not inside the ${kernel.length} bytes of the file`,
    );
  }
  return kernel.subarray(start, end);
};

const pipe = (command, args, input) => {
  const r = spawnSync(command, args, { input, maxBuffer: 1 << 29 });
  if (r.error)
    throw new CarveError('no-decompressor', `${command} can't be run (${r.error.message}): install it`);
  if (r.status !== 0)
    throw new CarveError('bad-payload', `${command}: ${r.stderr.toString().trim().split('\n')[0]}`);
  return r.stdout;
};

const inNode = (name, decode, data) => {
  try {
    return decode(data);
  } catch (error) {
    throw new CarveError('bad-payload', `${name}: ${error instanceof Error ? error.message : error}`);
  }
};

/** @param {Uint8Array} payload xz, zstd, lz4 or gzip, by its magic @returns {Uint8Array} @throws {CarveError} */
export const decompress = (payload) => {
  const data = payload.subarray(0, payload.length - 4);
  if (startsWith(payload, [0xfd, 0x37, 0x7a, 0x58, 0x5a]))
    return pipe('xz', ['-dc', '--single-stream'], data);
  if (startsWith(payload, [0x28, 0xb5, 0x2f, 0xfd])) return pipe('zstd', ['-dcq'], data);
  if (startsWith(payload, [0x02, 0x21, 0x4c, 0x18])) return inNode('lz4', lz4Legacy, data);
  if (startsWith(payload, [0x1f, 0x8b])) return inNode('gzip', gunzipSync, payload);
  const magic = Buffer.from(payload.subarray(0, 6)).toString('hex');
  throw new CarveError(
    'unknown-compression',
    `the kernel's payload starts with ${magic}: neither xz, zstd, lz4 nor gzip`,
  );
};

/** Names in the dynamic symbol table of an ELF32 image; [] where the tables don't hold together. */
const dynamicNames = (image) => {
  const v = view(image);
  const [shoff, shentsize, shnum] = [
    v.getUint32(0x20, true),
    v.getUint16(0x2e, true),
    v.getUint16(0x30, true),
  ];
  const section = (i) => {
    const at = shoff + i * shentsize;
    const u32 = (o) => v.getUint32(at + o, true);
    return { type: u32(4), offset: u32(16), size: u32(20), link: u32(24) };
  };
  const sections = Array.from({ length: shnum }, (_, i) => section(i));
  const dynsym = sections.find((s) => s.type === 11);
  const strings = dynsym && sections[dynsym.link];
  if (
    !dynsym ||
    !strings ||
    Math.max(dynsym.offset + dynsym.size, strings.offset + strings.size) > image.length
  )
    return [];
  const text = Buffer.from(image.buffer, image.byteOffset + strings.offset, strings.size).toString('latin1');
  return Array.from({ length: dynsym.size >> 4 }, (_, i) => {
    const name = v.getUint32(dynsym.offset + i * 16, true);
    const end = text.indexOf('\0', name);
    return text.slice(name, end < 0 ? undefined : end);
  });
};

/** The image that starts at `at`, cut at the end of its section headers; undefined when it is not a 32-bit vDSO. */
const imageAt = (bytes, at) => {
  if (at + 52 > bytes.length) return undefined;
  const v = new DataView(bytes.buffer, bytes.byteOffset + at, 52);
  const [type, machine, shoff] = [v.getUint16(16, true), v.getUint16(18, true), v.getUint32(32, true)];
  const [shentsize, shnum] = [v.getUint16(46, true), v.getUint16(48, true)];
  const length = shoff + shentsize * shnum;
  const plausible =
    type === 3 && machine === 3 && shentsize === 40 && shnum > 0 && shoff >= 52 && length <= 0x10000;
  if (!plausible || at + length > bytes.length) return undefined;
  const image = bytes.subarray(at, at + length);
  return dynamicNames(image).includes('__kernel_vsyscall') ? image : undefined;
};

/**
 * Every 32-bit vDSO image inside an uncompressed kernel, in file order, copies of the same bytes once.
 * @param {Uint8Array} bytes @returns {{ offset: number, bytes: Uint8Array }[]} offsets in bytes
 */
export const embeddedImages = (bytes) => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  const found = [];
  for (let at = buffer.indexOf(magic); at >= 0; at = buffer.indexOf(magic, at + 1)) {
    const image = imageAt(bytes, at);
    if (image && !found.some((f) => Buffer.compare(f.bytes, image) === 0)) {
      found.push({ offset: at, bytes: Uint8Array.from(image) });
    }
  }
  return found;
};

/** bzImage -> its 32-bit vDSO images (5-9 kB each). @param {Uint8Array} kernel @throws {CarveError} also when there is none */
export const carve = (kernel) => {
  const images = embeddedImages(decompress(payloadOf(kernel)));
  if (images.length === 0)
    throw new CarveError('no-vdso', 'the kernel holds no 32-bit vDSO (built without 32-bit support?)');
  return images;
};
