// Every description of the C libraries' archives has a verdict; mistakes seen by hand with objdump and readelf are found.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkEverything } from '../../src/cfi/check/archive.js';

const LIBC = 'fixtures/cache/libc';

/** Verdict counts, and 'member function+offset column' of each function's first mismatch. */
function judged(path: string): { counts: Record<string, number>; first: Set<string> } {
  const report = checkEverything(new Uint8Array(readFileSync(path)), path);
  if (!report.ok) throw new Error(report.error.message);
  const counts: Record<string, number> = { consistent: 0, mismatch: 0, unjudged: 0 };
  const first = new Set<string>();
  for (const { member, functions } of report.objects) {
    for (const fn of functions) {
      counts[fn.verdict] = (counts[fn.verdict] ?? 0) + 1;
      const found = fn.verdict === 'mismatch' ? fn.mismatches[0] : undefined;
      if (found !== undefined) first.add(`${member} ${found.place} ${found.column}`);
    }
  }
  return { counts, first };
}

describe('the descriptions of shipped libraries', () => {
  it.runIf(existsSync(`${LIBC}/glibc-2.36`))('of glibc 2.36 miss where kill keeps EBX, and more', () => {
    const { counts, first } = judged(`${LIBC}/glibc-2.36/lib/libc.a`);
    expect(counts).toEqual({ consistent: 5080, mismatch: 87, unjudged: 31 });
    expect(first).toContain('kill.o kill+0xa ebx');
    expect(first).toContain('memchr-sse2-bsf.o __memchr_sse2_bsf+0x70 CFA');
    expect(first).toContain('strchr-ia32.o __strchr_ia32+0x1 CFA');
    expect(first).toContain('strnlen-sse2.o __strnlen_sse2+0x2e9 CFA');
  });

  it.runIf(existsSync(`${LIBC}/glibc-2.41`))(
    'of glibc 2.41 are wrong in the cancellation point itself',
    () => {
      const { counts, first } = judged(`${LIBC}/glibc-2.41/lib/libc.a`);
      expect(counts).toEqual({ consistent: 5276, mismatch: 80, unjudged: 20 });
      expect(first).toContain('syscall_cancel.o __syscall_cancel_arch+0x30 CFA');
    },
  );

  it.runIf(existsSync(`${LIBC}/musl-1.2.3`))('do not exist in musl', () => {
    const { counts } = judged(`${LIBC}/musl-1.2.3/lib/libc.a`);
    expect(counts).toEqual({ consistent: 0, mismatch: 0, unjudged: 0 });
  });
});
