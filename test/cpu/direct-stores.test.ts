import { expect, test } from 'vitest';
import { AMD64_SEGMENTS, Cpu, PROT_EXEC, PROT_READ, PROT_WRITE } from '../../src/cpu/index.js';

const CODE = 0x08048000;
const DATA = 0x08100000;
const PAGE = 4096;
const RW = PROT_READ | PROT_WRITE;
/** 1: mov %eax,(%ebx); dec %ecx; jnz 1b; int $0x80 */
const STORES = [0x89, 0x03, 0x49, 0x75, 0xfb, 0xcd, 0x80];

/** A CPU that has stored to three neighbouring pages so often that their stores take the short way. */
function machine(): Cpu {
  const cpu = Cpu.create(AMD64_SEGMENTS);
  cpu.map(CODE, PAGE, PROT_READ | PROT_EXEC);
  cpu.map(DATA, 4 * PAGE, RW);
  cpu.write(CODE, Uint8Array.from(STORES));
  for (let round = 0; round < 3; round++) {
    for (const page of [0, 1, 2]) expect(storeTo(cpu, DATA + page * PAGE, round)).toBe('trap');
  }
  return cpu;
}

function storeTo(cpu: Cpu, address: number, value: number): string {
  cpu.set('ebx', address);
  cpu.set('eax', value);
  cpu.set('ecx', 50);
  cpu.set('eip', CODE);
  return cpu.run(1000).kind;
}

const WITHDRAWALS: Record<string, (cpu: Cpu, page: number) => void> = {
  'made read-only': (cpu, page) => cpu.protect(page, PAGE, PROT_READ),
  'made inaccessible': (cpu, page) => cpu.protect(page, PAGE, 0),
  'made executable only': (cpu, page) => cpu.protect(page, PAGE, PROT_READ | PROT_EXEC),
  unmapped: (cpu, page) => cpu.unmap(page, PAGE),
};

for (const [name, withdraw] of Object.entries(WITHDRAWALS)) {
  test(`a page that is ${name} after many stores refuses the next one, its neighbours do not`, () => {
    const cpu = machine();
    withdraw(cpu, DATA + PAGE);
    const results = [0, 1, 2].map((page) => storeTo(cpu, DATA + page * PAGE, 7));
    expect(results).toEqual(['trap', 'fault', 'trap']);
    expect(cpu.readU32(DATA + 2 * PAGE)).toBe(7);
    cpu.close();
  });
}

test('a page that was read-only when a snapshot was taken is so again after it is restored', () => {
  const cpu = machine();
  cpu.protect(DATA, PAGE, PROT_READ);
  const snapshot = cpu.snapshot();
  cpu.protect(DATA, PAGE, RW);
  for (let i = 0; i < 3; i++) expect(storeTo(cpu, DATA, i)).toBe('trap');
  cpu.restore(snapshot);
  expect(storeTo(cpu, DATA, 9)).toBe('fault');
  expect(cpu.readU32(DATA)).toBe(2);
  cpu.close();
});

test('code that is written again and again runs as last written', () => {
  const cpu = machine();
  const code = DATA + PAGE;
  cpu.protect(code, PAGE, RW | PROT_EXEC);
  for (const value of [0x11, 0x22, 0x33]) {
    // mov $value,%al; int $0x80
    expect(storeTo(cpu, code, (0x80cd_0000 | (value << 8) | 0xb0) >>> 0)).toBe('trap');
    cpu.set('eip', code);
    cpu.run(1000);
    expect(cpu.get('eax') & 0xff).toBe(value);
  }
  cpu.close();
});
