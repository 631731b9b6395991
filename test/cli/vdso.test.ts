// `sigsweep vdso`: the list, the disassembly and the naming of images, also out of a kernel.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { allImages } from '../../src/suite/catalog.js';
import { sigsweep } from './text.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-vdso-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OLD = 'fixtures/cache/vdso/6.1-686.so';

describe('sigsweep vdso', () => {
  it('lists every image below its form, with kernel, landing pad and restart', async () => {
    const { code, out } = await sigsweep(['vdso']);
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+ vDSO images in \d+ forms of __kernel_vsyscall\n/);
    const group = out.split('\n\n').find((text) => text.startsWith('unified-4.4/sysenter'));
    expect(group).toMatch(/^unified-4\.4\/sysenter {2}returns to \+0x9 \(R\), restarts at \+0x7 \(S\)\n/);
    expect(group).toMatch(/^ {2}6\.1-686\/sysenter +i386 +sysenter +6\.1\.\S+-686$/m);
    for (const { id } of allImages()) expect(out).toContain(`  ${id} `);
  });

  it('shows the entry code with trap, landing pad and restart marked', async () => {
    const { out } = await sigsweep(['vdso', 'show', '6.1-686/sysenter']);
    expect(out.split('\n').slice(1)).toEqual([
      '__kernel_vsyscall:',
      '  +0x0   51              pushl %ecx',
      '  +0x1   52              pushl %edx',
      '  +0x2   55              pushl %ebp',
      '  +0x3   89e5            movl %esp, %ebp',
      '  +0x5   0f34            sysenter                <- trap: enters the kernel',
      '  +0x7   cd80            int $0x80               <- S: a restarted call resumes here',
      '  +0x9   5d              popl %ebp               <- R: the kernel returns here',
      '  +0xa   5a              popl %edx',
      '  +0xb   59              popl %ecx',
      '  +0xc   c3              ret',
      '',
    ]);
  });
});

describe('sigsweep vdso name', () => {
  it('names an image as built: as it is, and patched for every CPU of its kernel', async () => {
    const { code, out } = await sigsweep(['vdso', 'name', OLD]);
    expect(code).toBe(0);
    expect(out).toMatch(/as in the file +unified-4\.4\/int80 +R \+0x9, S \+0x7/);
    expect(out).toMatch(/patched for sysenter +unified-4\.4\/sysenter/);
    expect(out).not.toMatch(/syscall/);
  });

  it('finds the image inside a vmlinux', async () => {
    const path = join(folder, 'vmlinux');
    const header = new Uint8Array(4096);
    header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    writeFileSync(path, Buffer.concat([header, readFileSync(OLD), new Uint8Array(100)]));
    const { code, out } = await sigsweep(['vdso', 'name', path]);
    expect({ code, size: /: (\d+) bytes/.exec(out)?.[1] }).toEqual({
      code: 0,
      size: String(readFileSync(OLD).length),
    });
  });

  it('says of entry code that is in no table that it does not know it, and ends with 2', async () => {
    const image = allImages().find(({ id }) => id === '6.1-686/sysenter');
    if (!image?.ok) throw new Error('no image 6.1-686/sysenter');
    const bytes = readFileSync(OLD);
    // push edx before ecx: the same function, but no kernel's.
    bytes.set([0x52, 0x51], image.image.vsyscall);
    const path = join(folder, 'swapped.so');
    writeFileSync(path, bytes);
    const { code, out } = await sigsweep(['vdso', 'name', path]);
    expect(code).toBe(2);
    expect(out).toMatch(/unknown-[0-9a-f]{8} .*a form sigsweep does not know/);
  });
});
