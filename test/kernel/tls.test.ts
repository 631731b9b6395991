// Segment descriptors of set_thread_area, checked against the field layout of the Intel manual.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { descriptor, setThreadArea } from '../../src/kernel/task/tls.js';
import { wordsToBytes } from '../../src/kernel/user.js';
import { firstTask, MEMORY_START, makeKernel } from './helpers.js';

/** The fields back out of the two words (Intel SDM vol. 3, 3.4.5). */
function decode({ low, high }: { low: number; high: number }) {
  const bit = (n: number) => (high >>> n) & 1;
  return {
    base: ((low >>> 16) | ((high & 0xff) << 16) | (high & 0xff000000)) >>> 0,
    limit: (low & 0xffff) | (high & 0xf0000),
    type: (high >>> 8) & 15,
    ...{
      code: bit(11),
      writable: bit(9),
      present: bit(15),
      big: bit(22),
      pages: bit(23),
      available: bit(20),
    },
    privilege: (high >>> 13) & 3,
    system: 1 - bit(12),
  };
}

describe('a descriptor', () => {
  it('carries base, limit and flags of struct user_desc', () => {
    const flag = fc.boolean();
    const limits = fc.integer({ min: 0, max: 0xfffff });
    const fields = fc.record({ big: flag, readOnly: flag, pages: flag, absent: flag, useable: flag });
    fc.assert(
      fc.property(fc.nat(0xffffffff), limits, fc.nat(3), fields, (base, limit, contents, f) => {
        const flags =
          Number(f.big) |
          (contents << 1) |
          (Number(f.readOnly) << 3) |
          (Number(f.pages) << 4) |
          (Number(f.absent) << 5) |
          (Number(f.useable) << 6);
        expect(decode(descriptor(base, limit, flags))).toMatchObject({
          ...{
            base,
            limit,
            privilege: 3,
            system: 0,
            writable: Number(!f.readOnly),
            present: Number(!f.absent),
          },
          ...{
            big: Number(f.big),
            pages: Number(f.pages),
            available: Number(f.useable),
            code: contents >> 1,
          },
        });
      }),
    );
  });

  it("is what musl's and glibc's flags 0x51 give: a writable 32-bit data segment in pages", () => {
    expect(descriptor(0x08053000, 0xfffff, 0x51)).toEqual({ low: 0x3000ffff, high: 0x08dff305 });
  });
});

describe('set_thread_area', () => {
  const call = (words: number[], flavour: 'amd64' | 'i386' = 'amd64', choose = true) => {
    const kernel = makeKernel(1, flavour);
    const task = firstTask(kernel);
    kernel.machine.write(MEMORY_START, wordsToBytes(words));
    const result = setThreadArea(kernel, task, task, MEMORY_START, choose);
    return { result, task, entry: kernel.machine.readU32(MEMORY_START), kernel };
  };

  it('chooses the first free entry and says which: 12 on under an amd64 kernel, 6 on under an i386 one', () => {
    expect(call([-1, 0x1000, 0xfffff, 0x51])).toMatchObject({ result: 0, entry: 12 });
    expect(call([-1, 0x1000, 0xfffff, 0x51], 'i386')).toMatchObject({ result: 0, entry: 6 });
  });

  it('runs out after three', () => {
    const { kernel, task } = call([-1, 0x1000, 0xfffff, 0x51]);
    const again = () => {
      kernel.machine.writeU32(MEMORY_START, 0xffffffff);
      return setThreadArea(kernel, task, task, MEMORY_START, true);
    };
    expect([again(), again(), again()]).toEqual([0, 0, -3]);
  });

  it('clears an entry for an empty description', () => {
    const { kernel, task } = call([12, 0x1000, 0xfffff, 0x51]);
    expect(task.tls[0]).not.toEqual({ low: 0, high: 0 });
    kernel.machine.write(MEMORY_START, wordsToBytes([12, 0, 0, 0x28]));
    expect(setThreadArea(kernel, task, task, MEMORY_START, true)).toBe(0);
    expect(task.tls[0]).toEqual({ low: 0, high: 0 });
  });

  it.each([
    ['an entry outside the three', [5, 0, 0xfffff, 0x51], true, -22],
    ['a 16-bit segment', [12, 0, 0xfffff, 0x50], true, -22],
    ['choosing where clone must not', [-1, 0, 0xfffff, 0x51], false, -22],
  ] as const)('refuses %s', (_, words, choose, error) => {
    expect(call([...words], 'amd64', choose).result).toBe(error);
  });
});
