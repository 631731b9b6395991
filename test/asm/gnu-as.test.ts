import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildAssembly } from '../../src/asm/gnu-as.js';
import { parseElf } from '../../src/elf/index.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-gnu-as-'));
const cacheDir = join(folder, 'cache');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const source = { name: 'asm/x.S', text: '.globl start\nstart: int $0x80\nret\n' };

describe('buildAssembly', () => {
  it("assembles and links an i386 executable that holds the source's symbols", () => {
    const built = buildAssembly({
      sources: [source],
      cacheDir,
      ldFlags: ['-e', 'start', '-Ttext', '0x8049000'],
    });
    if (!built.ok) throw new Error(built.error.message);
    const parsed = parseElf(built.bytes, 'x');
    if (!parsed.ok) throw new Error(parsed.error.message);
    expect(parsed.elf.type).toBe('EXEC');
    expect(parsed.elf.findSymbol('start')?.value).toBe(0x8049000);
  });

  it('takes the second equal request from the folder and leaves nothing else there', () => {
    const request = { sources: [source], cacheDir: join(folder, 'again') };
    const [first, second] = [buildAssembly(request), buildAssembly(request)];
    expect([first.ok && first.cached, second.ok && second.cached]).toEqual([false, true]);
    expect(first.ok && second.ok && Buffer.from(first.bytes).equals(second.bytes)).toBe(true);
    expect(readdirSync(join(folder, 'again'))).toHaveLength(1);
  });

  it('builds anew when an included file changes', () => {
    const include = join(folder, 'include');
    mkdirSync(include);
    const request = {
      sources: [{ name: 'i.S', text: '.include "nr.inc"\nmovl $NR, %eax\n' }],
      cacheDir,
      includeDirs: [include],
    };
    writeFileSync(join(include, 'nr.inc'), '.set NR, 3\n');
    const three = buildAssembly(request);
    writeFileSync(join(include, 'nr.inc'), '.set NR, 4\n');
    const four = buildAssembly(request);
    expect(three.ok && four.ok && three.path !== four.path && !four.cached).toBe(true);
  });

  it("reports an assembler error with the source's name and line", () => {
    const built = buildAssembly({ sources: [{ name: 'asm/bad.S', text: 'nop\nfrob %eax\n' }], cacheDir });
    expect(built.ok ? '' : `${built.error.code}: ${built.error.message}`).toMatch(
      /^as-failed: asm\/bad\.S:2: Error: .*frob/,
    );
  });

  it("reports a linker error with the source's name and leaves no half-made output", () => {
    const text = '.globl _start\n_start: call nowhere\n';
    const request = { sources: [{ name: 'asm/half.S', text }], cacheDir: join(folder, 'half'), ldFlags: [] };
    const built = buildAssembly(request);
    expect(built.ok ? '' : built.error.message).toMatch(/asm\/half\.S.*undefined reference to `nowhere'/);
    expect(readdirSync(join(folder, 'half'))).toEqual([]);
  });

  it('refuses several sources without a link', () => {
    const built = buildAssembly({ sources: [source, source], cacheDir });
    expect(built.ok ? '' : built.error.code).toBe('bad-request');
  });
});
