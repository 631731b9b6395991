/**
 * The emulated CPU against the processor of this machine: the same program, the same inputs, and after every
 * snippet the same registers, flags, memory, stack, x87 and SSE state.
 */
import { describe, expect, test } from 'vitest';
import { runEmulated, runNatively } from './native.js';
import { assembly, type Case, cases, RECORD, RECORD_REGISTERS } from './program.js';

const FLAG_BITS: Readonly<Record<string, number>> = { CF: 1, PF: 4, AF: 0x10, ZF: 0x40, SF: 0x80, OF: 0x800 };

/** Unicorn does not set the sticky exception flags (low bits, and ES and B that follow) nor C1. */
const FSW_NOT_KEPT = 0x82ff;
const MXCSR_NOT_KEPT = 0x3f;

const all = cases();
const native = runNatively(assembly(all));

describe.skipIf(native.kind === 'unavailable')(
  `${all.length} cases, native and emulated${native.kind === 'unavailable' ? `: skipped, ${native.reason}` : ''}`,
  () => {
    const emulated = native.kind === 'ran' ? runEmulated(native.image) : Buffer.alloc(0);
    const expected = native.kind === 'ran' ? native.output : Buffer.alloc(0);

    test('both ran every case', () => {
      expect(all.length).toBeGreaterThan(300);
      expect(expected.length).toBe(all.length * RECORD.size);
      expect(emulated.length).toBe(expected.length);
    });

    test.each(all.map((one, n) => [one.label, one, n] as const))('%s', (_label, one, n) => {
      const part = (records: Buffer) =>
        describeRecord(records.subarray(n * RECORD.size, (n + 1) * RECORD.size), one);
      expect(part(emulated)).toEqual(part(expected));
    });
  },
);

function describeRecord(record: Buffer, { snippet }: Case): Record<string, string> {
  const ignored = snippet.undefined.split(' ').reduce((bits, name) => bits | (FLAG_BITS[name] ?? 0), 0);
  const registers = RECORD_REGISTERS.map((name, i) => {
    const value = record.readUInt32LE(i * 4);
    return [name, (name === 'eflags' ? value & ~ignored : value).toString(16)] as const;
  });
  const fpu = record.subarray(RECORD.fpu);
  const parts: Record<string, string> = {
    ...Object.fromEntries(registers),
    data: record.subarray(RECORD.data, RECORD.stack).toString('hex'),
    stack: record.subarray(RECORD.stack, RECORD.fpu).toString('hex'),
    fcw: fpu.readUInt16LE(0).toString(16),
    fsw: (fpu.readUInt16LE(2) & ~FSW_NOT_KEPT).toString(16),
    ftw: (fpu[4] ?? 0).toString(16),
    mxcsr: (fpu.readUInt32LE(24) & ~MXCSR_NOT_KEPT).toString(16),
    ...Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => [`st${i}`, fpu.subarray(32 + i * 16, 42 + i * 16).toString('hex')]),
    ),
    xmm: fpu.subarray(160, 288).toString('hex'),
  };
  for (const name of snippet.differs ?? []) delete parts[name];
  return parts;
}
