import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { disassemble } from '../../src/asm/disassemble.js';
import { cpuKindsOf, isRebuilt, listHistorical, listImages, loadVdso } from '../../src/vdso/index.js';
import { rebuilt, unpatched } from './helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-images-'));
const built = join(folder, 'built');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(id: string, bytes: Uint8Array, sidecar: string): void {
  mkdirSync(join(folder, 'vdso'), { recursive: true });
  writeFileSync(join(folder, 'vdso', `${id}.so`), bytes);
  writeFileSync(join(folder, 'vdso', `${id}.json`), sidecar);
}

describe('listImages', () => {
  it('gives an unpatched image once for each CPU its kernel serves, a patched one as it is, a broken one as an error', () => {
    put('b-unpatched', unpatched(14, built), '{"flavour":"amd64","patched":false}');
    put('c-patched', rebuilt('unified-4.4/syscall', built).bytes, '{"flavour":"amd64","patched":true}');
    put('a-broken', Uint8Array.of(1), '{"flavour":"i386","patched":true}');
    put('d-unknown', Uint8Array.of(1), '{"flavour":"sparc"}');
    const rows = listImages(join(folder, 'vdso')).map((listed) =>
      listed.ok ? `${listed.id} ${listed.image.form}` : `${listed.id} ${listed.error.code}`,
    );
    expect(rows).toEqual([
      'a-broken bad-elf',
      'b-unpatched/int80 unified-4.4/int80',
      'b-unpatched/sysenter unified-4.4/sysenter',
      'b-unpatched/syscall unified-4.4/syscall',
      'c-patched unified-4.4/syscall',
      'd-unknown unreadable',
    ]);
  });

  it('gives older kernels first: versions are numbers', () => {
    const other = join(folder, 'versions');
    mkdirSync(other);
    for (const id of ['host', '6.19-amd64', '6.5-686-pae', '5.10-686', '6.5-686', '10.0-amd64']) {
      writeFileSync(join(other, `${id}.so`), Uint8Array.of(1));
      writeFileSync(join(other, `${id}.json`), '{"flavour":"i386","patched":true}');
    }
    const ids = listImages(other).map(({ id }) => id);
    expect(ids).toEqual(['5.10-686', '6.5-686', '6.5-686-pae', '6.19-amd64', '10.0-amd64', 'host']);
  });

  it('is empty where there is no folder', () => expect(listImages(join(folder, 'nowhere'))).toEqual([]));
});

describe('the forms that no package carries any more', () => {
  const listed = listHistorical(built);

  it('are there once for each kind of kernel, under names that say what they are', () => {
    expect(listed.map(({ id, ok }) => `${id} ${ok}`)).toEqual([
      'rebuilt-i386/int80-2002 true',
      'rebuilt-amd64/int80-2002 true',
      'rebuilt-i386/sysenter-2002 true',
      'rebuilt-amd64/sysenter-2002 true',
      'rebuilt-amd64/syscall-amd-2003 true',
    ]);
    for (const { id } of listed) expect(isRebuilt(id)).toBe(true);
    expect(isRebuilt('6.1-686/sysenter')).toBe(false);
  });

  it('carry their id, form and kind of kernel', () => {
    const images = listed.flatMap((one) => (one.ok ? [one.image] : []));
    for (const { id, form, flavour } of images) expect(id).toBe(`rebuilt-${flavour}/${form}`);
  });
});

describe('loadVdso', () => {
  it('refuses an ELF file that is no vDSO, with the symbol it misses', () => {
    const image = rebuilt('int80-2002', built);
    const copy = image.bytes.slice();
    const at = Buffer.from(copy).indexOf('__kernel_rt_sigreturn');
    copy[at] = 0x58;
    const loaded = loadVdso(copy, { id: 'x' });
    expect(loaded.ok ? '' : loaded.error.message).toBe(
      'x is not an i386 vDSO: it has no code for __kernel_rt_sigreturn',
    );
  });
});

describe.each(listImages('fixtures/cache/vdso').filter(({ id }) => id !== 'host'))(
  'the real image $id',
  (listed) => {
    it('is understood: known form, its own CPU kind, landing pad behind a trap', () => {
      if (!listed.ok) throw new Error(listed.error.message);
      const { image } = listed;
      expect(image.form).toBe(`${image.form.split('/')[0]}/${image.cpu}`);
      expect(cpuKindsOf(image.flavour)).toContain(image.cpu);
      const code = image.bytes.subarray(image.restart, image.landingPad + 3);
      expect(disassemble(code, 0).map((i) => i.text)[0]).toBe('int $0x80');
    });

    it('calls only its own functions after patching', () => {
      if (!listed.ok) throw new Error(listed.error.message);
      const { image } = listed;
      const text = image.elf.findSection('.text');
      if (text === undefined) throw new Error('no .text');
      const code = disassemble(image.bytes.subarray(text.offset, text.offset + text.size), text.addr);
      const calls = code.filter((i) => i.text.startsWith('call ')).flatMap((i) => i.target ?? []);
      const outside = calls.filter((at) => at < text.addr || at >= text.addr + text.size);
      expect(outside).toEqual([]);
      // The clocks' fallbacks go through the image's own entry; 7.0 has a bare int $0x80 there unless patched.
      expect(calls.includes(image.vsyscall)).toBe(image.form !== 'unified-7.0/int80');
    });
  },
);
