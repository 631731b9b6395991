// Operands over the end of memory: which exception they are, as tried on a real CPU (see src/cpu/wrap.ts).
import { describe, expect, test } from 'vitest';
import { CODE, execute, machine } from './machine.js';

const STACK = { kind: 'exception', vector: 12 };
const GENERAL = { kind: 'exception', vector: 13 };
const page = (access: 'read' | 'write', address: number) => ({
  kind: 'fault',
  access,
  address,
  present: false,
});

const PUSH = [0x50];
const POP = [0x58];
const CALL = [0xe8, 0, 0, 0, 0];
const CALL_MEMORY = [0xff, 0x15, CODE & 0xff, (CODE >> 8) & 0xff, (CODE >> 16) & 0xff, CODE >> 24];
const RET = [0xc3];
const LOAD_BY_EDX = [0x8b, 0x02];
const LOAD_BY_ESP = [0x8b, 0x04, 0x24];
const STORE_BYTE_BY_EDX = [0x88, 0x02];
const LOAD_SHORT_BY_EDX = [0x0f, 0xb7, 0x02];

describe('an operand at the end of memory', () => {
  test.each([
    ['push', 'esp', 0, PUSH, page('write', 0xfffffffc)],
    ['push', 'esp', 1, PUSH, STACK],
    ['push', 'esp', 3, PUSH, STACK],
    ['push', 'esp', 4, PUSH, page('write', 0)],
    ['push', 'esp', 0xffffffff, PUSH, page('write', 0xfffffffb)],
    ['call', 'esp', 2, CALL, STACK],
    ['call through memory', 'esp', 2, CALL_MEMORY, STACK],
    ['pop', 'esp', 0xfffffffc, POP, page('read', 0xfffffffc)],
    ['pop', 'esp', 0xfffffffd, POP, STACK],
    ['ret', 'esp', 0xffffffff, RET, STACK],
    ['a load', 'edx', 0xfffffffc, LOAD_BY_EDX, page('read', 0xfffffffc)],
    ['a load', 'edx', 0xfffffffd, LOAD_BY_EDX, GENERAL],
    ['a load through esp', 'esp', 0xfffffffd, LOAD_BY_ESP, STACK],
    ['a load of 16 bits', 'edx', 0xfffffffe, LOAD_SHORT_BY_EDX, page('read', 0xfffffffe)],
    ['a load of 16 bits', 'edx', 0xffffffff, LOAD_SHORT_BY_EDX, GENERAL],
    ['a store of a byte', 'edx', 0xffffffff, STORE_BYTE_BY_EDX, page('write', 0xffffffff)],
  ] as const)('%s with %s = %d', (_, register, value, code, stop) => {
    const cpu = machine();
    cpu.set(register, value);
    expect(execute(cpu, code)).toEqual(stop);
    expect(cpu.get('eip')).toBe(CODE);
    expect(cpu.get(register)).toBe(value);
  });
});
