// Frame descriptions of __kernel_vsyscall: at every instruction the CFA must follow the pushes and pops before it.
// Judge: readelf's reading of .eh_frame against our count of the stack, on rebuilt and real images.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { disassemble } from '../../src/asm/disassemble.js';
import { checkEverything } from '../../src/cfi/check/archive.js';
import { listImages, RECONSTRUCTIONS, type VdsoImage } from '../../src/vdso/index.js';
import { rebuilt } from './helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-unwind-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** CFA offset from esp in force at each address of the function that readelf lists a row for. */
function describedDepths(image: VdsoImage): Map<number, number> {
  const file = join(folder, 'image.so');
  writeFileSync(file, image.bytes);
  const { stdout } = execaSync('readelf', ['-wF', file]);
  const rows = [...stdout.matchAll(/^([0-9a-f]{8}) esp\+(\d+)/gm)];
  expect(stdout).toContain(`pc=${(image.vsyscall + image.base).toString(16).padStart(8, '0')}..`);
  return new Map(rows.map((row) => [Number.parseInt(row[1] ?? '', 16) - image.base, Number(row[2])]));
}

function checkDepths(image: VdsoImage): void {
  const described = describedDepths(image);
  const code = image.bytes.subarray(image.vsyscall, image.vsyscall + image.vsyscallSize);
  // A description without changes has no rows: the common one of its CIE, listed at 0, holds.
  let [depth, rule] = [4, described.get(-image.base)];
  for (const instruction of disassemble(code, image.vsyscall)) {
    if (instruction.text === 'int3') break;
    rule = described.get(instruction.address) ?? rule;
    expect(rule, `${image.id} at 0x${instruction.address.toString(16)}`).toBe(depth);
    if (instruction.text.startsWith('push')) depth += 4;
    if (instruction.text.startsWith('pop')) depth -= 4;
  }
}

describe('the frame description of __kernel_vsyscall', () => {
  it.each(RECONSTRUCTIONS.map(({ form }) => form))('follows the stack in the rebuilt %s', (form) => {
    checkDepths(rebuilt(form, folder));
  });

  it.each(RECONSTRUCTIONS.map(({ form }) => form))('of the rebuilt %s holds at every instruction', (form) => {
    const report = checkEverything(rebuilt(form, folder).bytes, form);
    if (!report.ok) throw new Error(report.error.message);
    const verdicts = report.objects.flatMap(({ functions }) =>
      functions.map(({ name, verdict }) => `${name} ${verdict}`),
    );
    // Where int $0x80 and ret come first, nothing leads to the code behind them.
    const entry = form === 'unified-7.0/int80' ? 'unjudged' : 'consistent';
    expect(verdicts).toEqual([
      `__kernel_vsyscall ${entry}`,
      '__kernel_sigreturn consistent',
      '__kernel_rt_sigreturn consistent',
    ]);
  });

  it.each(listImages('fixtures/cache/vdso').flatMap((listed) => (listed.ok ? [listed.image] : [])))(
    'follows the stack in the real $id',
    (image) => checkDepths(image),
  );
});
