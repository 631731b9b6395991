/** Builds the program with GNU as and ld, runs it on this machine's processor, and runs it in the emulator. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AMD64_SEGMENTS, Cpu, PAGE_SIZE } from '../../../src/cpu/index.js';
import { RWX } from '../machine.js';

export type NativeRun =
  | { readonly kind: 'ran'; readonly image: Buffer; readonly output: Buffer }
  | { readonly kind: 'unavailable'; readonly reason: string };

export function runNatively(source: string): NativeRun {
  const folder = mkdtempSync(join(tmpdir(), 'sigsweep-conformance-'));
  try {
    const file = (name: string) => join(folder, name);
    writeFileSync(file('all.s'), source);
    const tool = (name: string, ...args: string[]) =>
      execFileSync(name, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    tool('as', '--32', '-o', file('all.o'), file('all.s'));
    tool('ld', '-m', 'elf_i386', '-z', 'noexecstack', '-o', file('all'), file('all.o'));
    const output = execFileSync(file('all'), { maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'inherit'] });
    return { kind: 'ran', image: readFileSync(file('all')), output };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return { kind: 'unavailable', reason: 'no GNU as and ld' };
    if (code === 'ENOEXEC' || code === 'UNKNOWN')
      return { kind: 'unavailable', reason: 'no 32-bit support here' };
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs the same file in the emulator: write to descriptor 1 and exit are all it asks of the kernel. */
export function runEmulated(image: Buffer): Buffer {
  const cpu = Cpu.create(AMD64_SEGMENTS);
  loadSegments(cpu, image);
  cpu.set('eip', image.readUInt32LE(24));
  cpu.map(0xbff00000, PAGE_SIZE, RWX);
  cpu.set('esp', 0xbff01000);
  const parts: Uint8Array[] = [];
  for (;;) {
    const stop = cpu.run(1_000_000);
    if (stop.kind !== 'trap' || stop.vector !== 0x80) {
      throw new Error(`unexpected stop at ${cpu.get('eip').toString(16)}: ${JSON.stringify(stop)}`);
    }
    if (cpu.get('eax') === 1) break;
    parts.push(cpu.read(cpu.get('ecx'), cpu.get('edx')) ?? new Uint8Array(0));
    cpu.set('eax', cpu.get('edx'));
  }
  cpu.close();
  return Buffer.concat(parts);
}

function loadSegments(cpu: Cpu, image: Buffer): void {
  const table = image.readUInt32LE(28);
  for (let i = 0; i < image.readUInt16LE(44); i++) {
    const header = image.subarray(table + i * 32);
    if (header.readUInt32LE(0) !== 1) continue;
    const offset = header.readUInt32LE(4);
    const address = header.readUInt32LE(8);
    const stored = header.readUInt32LE(16);
    const size = header.readUInt32LE(20);
    const start = address - (address % PAGE_SIZE);
    const end = Math.ceil((address + size) / PAGE_SIZE) * PAGE_SIZE;
    cpu.map(start, end - start, header.readUInt32LE(24) & 2 ? 3 : 5);
    cpu.write(address, image.subarray(offset, offset + stored));
  }
}
