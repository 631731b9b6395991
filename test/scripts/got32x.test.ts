// The relaxation that an older linker gets wrong, on objects made by the assembler here.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { avoidPushRelaxation } from '../../scripts/lib/got32x.mjs';

const dir = mkdtempSync(join(tmpdir(), 'sigsweep-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const tool = (command: string, ...args: string[]) => {
  const r = spawnSync(command, args, { cwd: dir, encoding: 'utf8' });
  expect(r.stderr, `${command} ${args.join(' ')}`).toBe('');
  return r.stdout;
};

const types = (file: string) => [...tool('readelf', '-rW', file).matchAll(/R_386_GOT32X?/g)].map((m) => m[0]);

beforeAll(() => {
  writeFileSync(
    join(dir, 'a.s'),
    `.globl _start, target
_start: .byte 0xff, 0xb3            # push target@GOT(%ebx), with the relocation that newer assemblers choose
  .reloc ., R_386_GOT32X, target
  .long 0
  call *target@GOT(%ebx)
  mov target@GOT(%ebx), %eax
target: ret
`,
  );
  writeFileSync(join(dir, 'odd.s'), '.ascii "x"\n');
  tool('as', '--32', '-o', 'a.o', 'a.s');
  tool('as', '--32', '-o', 'odd.o', 'odd.s');
  tool('ar', 'rc', 'lib.a', 'odd.o', 'a.o');
});

test.each(['a.o', 'lib.a'])('only the push of %s loses its permission to be relaxed', (name) => {
  const file = join(dir, name);
  expect(types(name)).toEqual(['R_386_GOT32X', 'R_386_GOT32X', 'R_386_GOT32X']);
  const bytes = readFileSync(file);
  expect(avoidPushRelaxation(bytes)).toBe(1);
  expect(avoidPushRelaxation(bytes)).toBe(0);
  writeFileSync(file, bytes);
  expect(types(name)).toEqual(['R_386_GOT32', 'R_386_GOT32X', 'R_386_GOT32X']);
});

test('the linker then keeps the push a push', () => {
  tool('ld', '-m', 'elf_i386', '-o', 'linked', 'a.o');
  expect(tool('objdump', '-d', 'linked')).toMatch(/<_start>:\n.*\tpush/);
});

test('what is neither an object file nor an archive is left alone', () => {
  const text = new TextEncoder().encode(
    'nothing of the kind, but long enough to be looked into for a header',
  );
  expect(avoidPushRelaxation(text)).toBe(0);
  expect(avoidPushRelaxation(new Uint8Array())).toBe(0);
});
