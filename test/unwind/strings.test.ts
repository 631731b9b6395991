// What execution shows of shipped descriptions, and that the static check says the same: hand-written functions of glibc, with
// operands of many alignments and lengths.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkFile } from '../../src/cfi/check/index.js';
import { parseElf } from '../../src/elf/index.js';
import { walk } from '../../src/explore/points.js';
import { Session } from '../../src/explore/session.js';
import { CACHE } from '../../src/suite/catalog.js';
import { programSubject } from './subject.js';

const all = process.env['SIGSWEEP_ALL'] === '1';

/** The first instruction of each function that is described wrongly, of those executed; the same in all versions. */
const WRONG = [
  '__dup+0x6',
  '__kill+0xa',
  '__memchr_sse2_bsf+0x70',
  '__memmove_sse2_unaligned+0x103',
  '__memmove_ssse3+0x370',
  '__memmove_ssse3_rep+0xfe0',
  '__sigaltstack+0xa',
  '__stpncpy_ssse3+0x2270',
  '__strcasecmp_l_sse4_2+0x320',
  '__strchr_ia32+0x1',
  '__strncat_sse2+0x730',
  '__strncat_ssse3+0x2460',
  '__strncpy_ssse3+0x2180',
  '__strnlen_sse2+0x35f',
  '__strrchr_sse2+0x150',
  '__strrchr_sse2_bsf+0x190',
  '__umask+0x6',
  '__uname+0x6',
  'alarm+0x6',
  'memcpy+0x6',
];

interface Place {
  readonly name: string;
  readonly offset: number;
}

describe('glibc’s hand-written functions', () => {
  // 200,000 instructions each.
  for (const libc of all ? ['glibc-2.36', 'glibc-2.41'] : ['glibc-2.41']) {
    const path = `${CACHE}/programs/${libc}/unwind/strings`;
    it.runIf(existsSync(path))(`${libc}: execution and the static check find the same mistakes`, () => {
      const parsed = parseElf(new Uint8Array(readFileSync(path)), 'strings');
      if (!parsed.ok) throw new Error(parsed.error.message);
      const { elf } = parsed;
      const opened = Session.open(programSubject(libc, elf, 'none'), true);
      if (!opened.ok) throw new Error(opened.reason);
      const { session } = opened;
      for (const _point of walk(session));
      expect(session.over).toBe(true);
      const seen = [...(session.unwinding?.watch.seen.values() ?? [])];
      session.close();

      const placeOf = (address: number): Place => {
        const found = elf.symbolAt(address);
        return { name: found?.symbol.name ?? '?', offset: found?.offset ?? 0 };
      };
      const first = new Map<string, number>();
      const wrong = seen.filter(({ worst }) => worst.kind === 'wrong');
      for (const { address } of wrong) {
        const { name, offset } = placeOf(address);
        first.set(name, Math.min(offset, first.get(name) ?? offset));
      }
      expect([...first].map(([name, offset]) => `${name}+0x${offset.toString(16)}`).sort()).toEqual(WRONG);

      const functions = checkFile(elf).functions;
      const mismatches = functions.flatMap((fn) => (fn.verdict === 'mismatch' ? fn.mismatches : []));
      const consistent = functions.filter(({ verdict }) => verdict === 'consistent');
      const isConsistent = (address: number) =>
        consistent.some(({ start, size }) => address >= start && address < start + size);
      const name = (address: number) => `${placeOf(address).name}+0x${placeOf(address).offset.toString(16)}`;
      // Where the static check takes a whole function for right, nothing of it is wrong in fact.
      expect(
        wrong.filter(({ address }) => isConsistent(address)).map(({ address }) => name(address)),
      ).toEqual([]);
      // A CFA that the static check takes for wrong is wrong in fact, wherever it was seen.
      const right = new Set(seen.flatMap(({ address, worst }) => (worst.kind === 'right' ? [address] : [])));
      const wrongCfa = mismatches.filter(({ column }) => column === 'CFA').map(({ address }) => address);
      expect(wrongCfa.filter((address) => right.has(address)).map(name)).toEqual([]);
    });
  }
});
