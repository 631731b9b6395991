/** The emulated CPU against the bare library: the least that any Node program would pay for a step. */
import { AMD64_SEGMENTS, Cpu, PROT_EXEC, PROT_READ, PROT_WRITE } from '../dist/cpu/index.js';
import { loadUnicorn, type Pointer, UC_ARCH_X86, UC_MODE_32, UC_REG } from '../dist/cpu/unicorn.js';
import { type Candidate, measure, printTable } from './measure.js';

const CODE = 0x08048000;
const DATA = 0x08100000;
/** 1: inc %eax; mov %eax,(%ebx); jmp 1b */
const LOOP = [0x40, 0x89, 0x03, 0xeb, 0xfb];
/** 1: int $0x80; jmp 1b */
const TRAPS = [0xcd, 0x80, 0xeb, 0xfc];
const STEPS = 30_000;
const TOUCHED = 20;

export function benchCpu(): void {
  printTable('one instruction, EIP known after it', measure([bareStep(), cpuStep()]));
  printTable('300 instructions', measure([bareRun(), cpuRun()]));
  printTable(
    `one system call trap; state with ${TOUCHED} touched pages`,
    measure([bareStep(), ...stateCandidates()]),
  );
}

export function repeat(name: string, operations: number, action: () => void): Candidate {
  return {
    name,
    operations,
    run: () => {
      for (let i = 0; i < operations; i++) action();
    },
  };
}

/** Guest memory of bare engines, which live as long as the process. */
const kept: Uint8Array[] = [];

/** The library through koffi and nothing else. */
function bareEngine(): { start(count: number): void; readEip(): void } {
  const lib = loadUnicorn();
  const out: [Pointer | null] = [null];
  lib.open(UC_ARCH_X86, UC_MODE_32, out);
  const uc = out[0] ?? 0n;
  const code = new Uint8Array(new ArrayBuffer(0x1000));
  const data = new Uint8Array(new ArrayBuffer(0x1000));
  kept.push(code, data);
  code.set(LOOP);
  lib.mapPointer(uc, CODE, 0x1000, PROT_READ | PROT_EXEC, code);
  lib.mapPointer(uc, DATA, 0x1000, PROT_READ | PROT_WRITE, data);
  lib.regWrite(uc, UC_REG.EBX, new Uint32Array([DATA, 0]));
  const eip = new Uint32Array([CODE, 0]);
  return {
    start: (count) => lib.start(uc, eip[0] ?? 0, 0, 0, count),
    readEip: () => lib.regRead(uc, UC_REG.EIP, eip),
  };
}

export function bareStep(): Candidate {
  const engine = bareEngine();
  return repeat('uc_emu_start(count=1) + uc_reg_read(EIP)', STEPS, () => {
    engine.start(1);
    engine.readEip();
  });
}

function bareRun(): Candidate {
  const engine = bareEngine();
  return repeat('uc_emu_start(count=300) + uc_reg_read(EIP)', 1000, () => {
    engine.start(300);
    engine.readEip();
  });
}

function machine(code: readonly number[]): Cpu {
  const cpu = Cpu.create(AMD64_SEGMENTS);
  cpu.map(CODE, 0x1000, PROT_READ | PROT_EXEC);
  cpu.map(DATA, 0x100000, PROT_READ | PROT_WRITE);
  cpu.write(CODE, Uint8Array.from(code));
  cpu.set('ebx', DATA);
  cpu.set('eip', CODE);
  return cpu;
}

function cpuStep(): Candidate {
  const cpu = machine(LOOP);
  return repeat("Cpu.run(1) + get('eip')", STEPS, () => {
    cpu.run(1);
    cpu.get('eip');
  });
}

function cpuRun(): Candidate {
  const cpu = machine(LOOP);
  return repeat("Cpu.run(300) + get('eip')", 1000, () => {
    cpu.run(300);
    cpu.get('eip');
  });
}

function stateCandidates(): Candidate[] {
  const cpu = machine(TRAPS);
  const one = cpu.snapshot();
  for (let page = 0; page < TOUCHED; page++) cpu.writeU32(DATA + page * 4096, page);
  const context = cpu.newContext();
  let value = 0;
  return [
    repeat('trap: Cpu.run to int $0x80, set EAX', STEPS, () => {
      cpu.run(1_000_000);
      cpu.set('eax', value++);
    }),
    repeat('snapshot + release', 3000, () => cpu.release(cpu.snapshot())),
    repeat('restore', 3000, () => cpu.restore(one)),
    repeat('save and load a context', STEPS, () => {
      cpu.saveContext(context);
      cpu.loadContext(context);
    }),
    repeat('readU32 + writeU32', STEPS, () => cpu.writeU32(DATA, (cpu.readU32(DATA) ?? 0) + 1)),
    repeat('digest, one page changed', 1000, () => {
      cpu.writeU32(DATA, value++);
      cpu.digest();
    }),
  ];
}
