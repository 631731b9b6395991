import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AMD64_SEGMENTS, Cpu } from '../../src/cpu/index.js';
import { DATA, execute, machine, NOWHERE, RW, registers } from './machine.js';

const PAGE = 0x1000;
const store = [0x89, 0x03, 0xcc]; // mov %eax,(%ebx); int3

function storeAt(cpu: Cpu, address: number, value: number): void {
  cpu.set('ebx', address);
  cpu.set('eax', value);
  execute(cpu, store);
}

describe('a snapshot brings back', () => {
  test('memory touched before it, after it, and by the host', () => {
    const cpu = machine();
    storeAt(cpu, DATA, 1);
    cpu.write(DATA + PAGE, Uint8Array.of(9));
    const snapshot = cpu.snapshot();
    storeAt(cpu, DATA, 2);
    storeAt(cpu, DATA + PAGE, 3);
    cpu.writeU32(DATA + 2 * PAGE, 4);
    cpu.restore(snapshot);
    expect([0, 1, 2].map((page) => cpu.readU32(DATA + page * PAGE))).toEqual([1, 9, 0]);
  });

  test('registers, flags, FPU, SSE, segments and TLS descriptors', () => {
    const cpu = machine();
    cpu.setTlsEntry(0, 0x0000ffff, 0x08cff310);
    cpu.setSegment('gs', 0x63);
    cpu.setEflags(0xad7);
    execute(cpu, [0xd9, 0xeb, 0x0f, 0x57, 0xc0, 0xcc]);
    const state = () => [registers(cpu), [...cpu.fxsave()], cpu.getSegment('gs'), cpu.digest()];
    const before = state();
    const snapshot = cpu.snapshot();
    cpu.setTlsEntry(0, 0x1000ffff, 0x08cff310);
    cpu.setSegment('gs', 0);
    cpu.setEflags(0x202);
    execute(cpu, [0xd9, 0xee, 0x66, 0x0f, 0x76, 0xc0, 0x31, 0xc0, 0xcc]);
    expect(state()).not.toEqual(before);
    cpu.restore(snapshot);
    expect(state()).toEqual(before);
  });

  test('the layout: unmapped, mapped and protected pages', () => {
    const cpu = machine();
    storeAt(cpu, DATA, 1);
    const snapshot = cpu.snapshot();
    cpu.unmap(DATA, PAGE);
    cpu.protect(DATA + PAGE, PAGE, 1);
    cpu.map(NOWHERE, PAGE, RW);
    storeAt(cpu, NOWHERE, 5);
    cpu.restore(snapshot);
    expect([cpu.readU32(DATA), cpu.readU32(NOWHERE)]).toEqual([1, null]);
    storeAt(cpu, DATA + PAGE, 6);
    expect(cpu.readU32(DATA + PAGE)).toBe(6);
    cpu.map(NOWHERE, PAGE, RW);
    expect(cpu.readU32(NOWHERE)).toBe(0);
  });

  test('the same state again and again, in any order of several snapshots', () => {
    const cpu = machine();
    storeAt(cpu, DATA, 1);
    const first = cpu.snapshot();
    storeAt(cpu, DATA, 2);
    cpu.unmap(DATA + PAGE, PAGE);
    const second = cpu.snapshot();
    storeAt(cpu, DATA + 2 * PAGE, 3);
    for (const [snapshot, value, page] of [
      [first, 1, 0],
      [second, 2, null],
      [second, 2, null],
      [first, 1, 0],
    ] as const) {
      cpu.restore(snapshot);
      expect([cpu.readU32(DATA), cpu.readU32(DATA + PAGE), cpu.readU32(DATA + 2 * PAGE)]).toEqual([
        value,
        page,
        0,
      ]);
    }
  });

  test('a released snapshot does not disturb the others', () => {
    const cpu = machine();
    storeAt(cpu, DATA, 1);
    const first = cpu.snapshot();
    const second = cpu.snapshot();
    cpu.release(first);
    storeAt(cpu, DATA, 2);
    cpu.snapshot();
    cpu.restore(second);
    expect(cpu.readU32(DATA)).toBe(1);
  });
});

test('a context holds one thread: registers, flags, FPU and segment bases', () => {
  const cpu = machine();
  cpu.set('eax', 1);
  execute(cpu, [0xd9, 0xeb, 0xcc]);
  const one = cpu.newContext();
  const inOne = registers(cpu);
  cpu.set('eax', 2);
  cpu.resetFpu();
  const two = cpu.newContext();
  cpu.saveContext(two);
  cpu.loadContext(one);
  expect(registers(cpu)).toEqual(inOne);
  expect(cpu.fxsave()[4]).toBe(0x80);
  cpu.loadContext(two);
  expect([cpu.get('eax'), cpu.fxsave()[4]]).toEqual([2, 0]);
  cpu.copyContext(one, two);
  cpu.loadContext(two);
  expect(registers(cpu)).toEqual(inOne);
});

const AREA_PAGES = 12;
interface Store {
  kind: 'store' | 'write';
  page: number;
  offset: number;
  value: number;
}
interface Change {
  kind: 'map' | 'unmap' | 'protect';
  page: number;
  count: number;
  protection: number;
}
type Action = Store | Change;

const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('store' as const, 'write' as const),
    page: fc.nat(AREA_PAGES - 1),
    offset: fc.nat(PAGE - 4),
    value: fc.nat(0xffffffff),
  }),
  fc.record({
    kind: fc.constantFrom('map' as const, 'unmap' as const, 'protect' as const),
    page: fc.nat(AREA_PAGES - 1),
    count: fc.integer({ min: 1, max: 4 }),
    protection: fc.nat(7),
  }),
);

function perform(cpu: Cpu, one: Action): void {
  const at = NOWHERE + one.page * PAGE;
  switch (one.kind) {
    case 'store':
      storeAt(cpu, at + one.offset, one.value);
      break;
    case 'write':
      cpu.writeU32(at + one.offset, one.value);
      break;
    case 'protect':
      cpu.protect(at, one.count * PAGE, one.protection);
      break;
    default:
      cpu.unmap(at, one.count * PAGE);
      if (one.kind === 'map') cpu.map(at, one.count * PAGE, one.protection);
  }
}

/** Contents, and what the guest may do with each page. */
function observe(cpu: Cpu): unknown {
  const pages = Array.from({ length: AREA_PAGES + 4 }, (_, i) => {
    const at = NOWHERE + i * PAGE;
    const content = cpu.read(at, PAGE);
    return content === null ? 'absent' : Buffer.from(content).toString('base64');
  });
  return { pages, registers: registers(cpu) };
}

/** Tried on throw-away state, as trying changes it. */
function abilities(cpu: Cpu): string[] {
  const keep = cpu.snapshot();
  const result = Array.from({ length: AREA_PAGES }, (_, i) => {
    const at = NOWHERE + i * PAGE;
    cpu.set('ebx', at);
    const load = execute(cpu, [0x8b, 0x03, 0xcc]).kind;
    const stored = execute(cpu, store).kind;
    cpu.set('eip', at);
    const stop = cpu.run(1);
    const fetch = stop.kind === 'fault' && stop.access === 'fetch' ? 'no' : 'yes';
    return `${load} ${stored} ${fetch}`;
  });
  cpu.restore(keep);
  cpu.release(keep);
  return result;
}

test('whatever is stored, mapped, unmapped and protected after a snapshot, restoring it undoes', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 15 }), fc.array(action, { maxLength: 15 }), (before, after) => {
      const cpu = machine();
      for (const one of before) perform(cpu, one);
      const snapshot = cpu.snapshot();
      const expected = { seen: observe(cpu), able: abilities(cpu), digest: cpu.digest() };
      for (const one of after) perform(cpu, one);
      cpu.restore(snapshot);
      expect({ seen: observe(cpu), able: abilities(cpu), digest: cpu.digest() }).toEqual(expected);
      cpu.close();
    }),
    { numRuns: 150, seed: 20240611 },
  );
});

describe('the digest', () => {
  test('is the same for the same state, however it was reached', () => {
    const cpu = machine();
    const start = cpu.snapshot();
    const reach = (...values: number[]) => {
      cpu.restore(start);
      for (const value of values) storeAt(cpu, DATA, value);
      return cpu.digest();
    };
    const direct = reach(5);
    expect(reach(1, 2, 5)).toEqual(direct);
    storeAt(cpu, DATA + PAGE, 7); // touched from now on
    expect(reach(5)).toEqual(direct);
    expect(reach(6)).not.toEqual(direct);
  });

  test('is equal on another CPU that was loaded alike', () => {
    const digests = [0, 1].map(() => {
      const cpu = Cpu.create(AMD64_SEGMENTS);
      cpu.map(DATA, PAGE, RW);
      const digest = cpu.digest();
      cpu.close();
      return digest;
    });
    expect(digests[0]).toEqual(digests[1]);
  });

  test.each<[string, (cpu: Cpu) => void]>([
    ['a register', (cpu) => cpu.set('esi', 1)],
    ['EIP', (cpu) => cpu.set('eip', 1)],
    ['a flag', (cpu) => cpu.setEflags(0x203)],
    ['one byte of memory', (cpu) => cpu.write(DATA + 77, Uint8Array.of(1))],
    ['the protection of a page', (cpu) => cpu.protect(DATA, PAGE, 1)],
    ['a mapping', (cpu) => cpu.map(NOWHERE, PAGE, RW)],
    ['a TLS descriptor', (cpu) => cpu.setTlsEntry(2, 1, 0)],
    ['a selector', (cpu) => cpu.setSegment('fs', 0x2b)],
    ['the time stamp', (cpu) => cpu.setTimestamp(5)],
    ['the x87 control word', (cpu) => cpu.fxrstor(Uint8Array.of(0x7f, 0x02, ...cpu.fxsave().slice(2)))],
  ])('changes with %s', (_name, change) => {
    const cpu = machine();
    const snapshot = cpu.snapshot();
    const before = cpu.digest();
    change(cpu);
    expect(cpu.digest()).not.toEqual(before);
    cpu.restore(snapshot);
    expect(cpu.digest()).toEqual(before);
  });
});
