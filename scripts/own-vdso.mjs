// This machine's 32-bit vDSO. No program that could print it needs to be installed: we write a static i386 executable of
// some 150 bytes ourselves, run it, and take what it prints.
//
// Layout: ELF32 header (52 bytes), one PT_LOAD (32 bytes), code (System V ABI i386; initial stack: argc, argv, 0, envp, 0,
// auxiliary vector). The image's length is the end of its section header table, as in carve.mjs.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BASE = 0x08048000;
const CODE_OFFSET = 84;

// One instruction a line, with its offset.
// biome-ignore format: columns of code bytes beside their meaning
const code = [
  0x89, 0xe6,                         //  0 mov %esp,%esi
  0xad,                               //  2 lods -> eax = argc
  0x8d, 0x74, 0x86, 0x04,             //  3 lea 4(%esi,%eax,4),%esi: behind argv and its 0
  0xad, 0x85, 0xc0, 0x75, 0xfb,       //  7 lods, test, jnz 7: behind envp
  0xad, 0x89, 0xc2, 0xad,             // 12 lods -> edx = type; lods -> eax = value
  0x85, 0xd2, 0x74, 0x2c,             // 16 AT_NULL: jz 64
  0x83, 0xfa, 0x21, 0x75, 0xf3,       // 20 not AT_SYSINFO_EHDR (33): jne 12
  0x89, 0xc1,                         // 25 mov %eax,%ecx: the image
  0x0f, 0xb7, 0x51, 0x30,             // 27 movzwl 0x30(%ecx),%edx: e_shnum
  0x0f, 0xb7, 0x41, 0x2e,             // 31 movzwl 0x2e(%ecx),%eax: e_shentsize
  0x0f, 0xaf, 0xd0,                   // 35 imul %eax,%edx
  0x03, 0x51, 0x20,                   // 38 add 0x20(%ecx),%edx: + e_shoff
  0xbb, 0x01, 0x00, 0x00, 0x00,       // 41 mov $1,%ebx: stdout
  0xb8, 0x04, 0x00, 0x00, 0x00,       // 46 mov $4,%eax: write
  0xcd, 0x80, 0x31, 0xdb,             // 51 int $0x80; xor %ebx,%ebx
  0xb8, 0x01, 0x00, 0x00, 0x00,       // 55 mov $1,%eax: exit
  0xcd, 0x80, 0x90, 0x90,             // 60 int $0x80
  0xbb, 0x02, 0x00, 0x00, 0x00,       // 64 mov $2,%ebx: no such entry
  0xeb, 0xf0,                         // 69 jmp 55
];

/** @returns {Uint8Array} the executable */
export const printerExecutable = () => {
  const bytes = new Uint8Array(CODE_OFFSET + code.length);
  const v = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  const u16 = (at, ...values) => {
    for (const [i, x] of values.entries()) v.setUint16(at + 2 * i, x, true);
  };
  const u32 = (at, ...values) => {
    for (const [i, x] of values.entries()) v.setUint32(at + 4 * i, x, true);
  };
  u16(16, 2, 3); // ET_EXEC, EM_386
  u32(20, 1, BASE + CODE_OFFSET, 52); // version, entry, program headers
  u16(40, 52, 32, 1); // header size, program header size and number
  u32(52, 1, 0, BASE, BASE, bytes.length, bytes.length, 5, 0x1000); // PT_LOAD, r-x
  bytes.set(code, CODE_OFFSET);
  return bytes;
};

/**
 * Runs it. @returns {{ ok: true, image: Uint8Array } | { ok: false, reason: string }} the image is already patched for this CPU
 */
export const ownVdso = () => {
  const dir = mkdtempSync(join(tmpdir(), 'sigsweep-'));
  const file = join(dir, 'print-vdso');
  try {
    writeFileSync(file, printerExecutable());
    chmodSync(file, 0o755);
    const r = spawnSync(file, [], { maxBuffer: 1 << 20 });
    if (r.error) return { ok: false, reason: `this kernel runs no 32-bit programs (${r.error.message})` };
    if (r.status === 2) return { ok: false, reason: 'this kernel maps no 32-bit vDSO (vdso32=0?)' };
    const elf32 = r.stdout.length > 52 && r.stdout.readUInt32BE(0) === 0x7f454c46 && r.stdout[4] === 1;
    if (r.status !== 0 || !elf32)
      return { ok: false, reason: `printing the vDSO ended with ${r.status ?? r.signal}` };
    return { ok: true, image: Uint8Array.from(r.stdout) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
