// `sigsweep unwind`: what it says of right, wrong, undescribed and broken files, and with which code it ends.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { control } from '../cfi/controls.js';
import { cli } from './io.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-unwind-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('sigsweep unwind', () => {
  it('ends with 0 and one line for a file whose every row holds', async () => {
    const { path } = control('after-ret', false, folder);
    expect(await cli('unwind', path)).toEqual({
      code: 0,
      out: `${path}: 1 function with a frame description, 10 instructions: 1 consistent, 0 mismatch, 0 unjudged\n`,
      err: '',
    });
  });

  it('names the instruction, the row and the truth of a mismatch, and ends with 1', async () => {
    const { code, out } = await cli('unwind', control('def-for-adjust', true, folder).path);
    expect(code).toBe(1);
    expect(out).toContain('mismatch __kernel_vsyscall (.eh_frame entry 0x18)\n');
    expect(out).toContain('  at __kernel_vsyscall+0x6 (.text 0x6): c3  ret\n');
    expect(out).toContain('    CFA: the row says esp-4, which is CFA-8\n    in truth: esp is CFA-4\n');
  });

  it('gives every function in one JSON document', async () => {
    const { code, out } = await cli('unwind', '--json', control('ebp-save', true, folder).path);
    expect(code).toBe(1);
    const report: unknown = JSON.parse(out);
    expect(report).toMatchObject({
      schema: 'sigsweep-unwind-1',
      counts: { functions: 1, consistent: 0, mismatch: 1, unjudged: 0, problems: 0 },
      objects: [{ functions: [{ verdict: 'mismatch', mismatches: [{ column: 'ebp' }, {}, {}] }] }],
    });
  });

  it('judges the members of an archive and says which one is no object', async () => {
    const good = control('ebp-save', false, folder).path;
    const archive = join(folder, 'two.a');
    execFileSync('ar', ['rc', archive, good, file('text.o', 'not an object, just words'.repeat(4))]);
    const { code, out } = await cli('unwind', archive);
    expect(code).toBe(2);
    expect(out).toContain('(text.o) is not an ELF file');
    expect(out).toMatch(/1 consistent, 0 mismatch, 0 unjudged, 1 unread\n$/);
  });

  it('does not pass what has no frame description', async () => {
    const path = join(folder, 'bare.o');
    execFileSync('as', ['--32', '-o', path, '-'], { input: 'f: ret\n' });
    expect(await cli('unwind', path)).toEqual({
      code: 2,
      out: `${path}: nothing to judge: no function has a frame description\n`,
      err: '',
    });
  });

  it('says of code that nothing leads to that it is not judged', async () => {
    const path = join(folder, 'lonely.o');
    const text = 'f: .cfi_startproc\nret\nxor %eax,%eax\nret\n.cfi_endproc\n';
    execFileSync('as', ['--32', '-o', path, '-'], { input: text });
    const { code, out } = await cli('unwind', path);
    expect(code).toBe(2);
    expect(out).toContain('unjudged f (.eh_frame entry 0x18)\n  f+0x1: it is not seen how this is reached');
  });

  it('ends with 3 and one line for a file that is no ELF, and with 64 without one', async () => {
    const words = await cli('unwind', file('words', 'hello'));
    expect(words.code).toBe(3);
    expect(words.err).toMatch(/^sigsweep: \S+words is not an ELF file[^\n]*\n$/);
    expect((await cli('unwind')).code).toBe(64);
  });

  it('gets through a broken description with what is left of it', async () => {
    const bytes = new Uint8Array(readFileSync(control('after-ret', false, folder).path));
    const at = Buffer.from(bytes).indexOf('zR\0');
    bytes[at + 1] = 'Q'.charCodeAt(0);
    const { code, out } = await cli('unwind', file('broken.o', bytes));
    expect(code).toBe(2);
    expect(out).toContain(".eh_frame entry 0x0: augmentation letter 'Q' is not known");
  });
});
