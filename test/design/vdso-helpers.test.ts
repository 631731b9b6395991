// The vDSO with the RFC's helpers: a whole image, and functions that answer right at every instruction of the entry.
// Judges: readelf and a symbol look-up of our own for the image, its frame description for the stack.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { describe, expect, it } from 'vitest';
import { disassemble } from '../../src/asm/disassemble.js';
import { readFileFrames, rowAt } from '../../src/cfi/index.js';
import { AMD64_SEGMENTS, Cpu } from '../../src/cpu/index.js';
import { findDesign } from '../../src/design/designs.js';
import { buildHelperImage } from '../../src/design/helper-image.js';
import type { ElfFile } from '../../src/elf/index.js';
import { ROOT } from '../../src/suite/catalog.js';
import type { VdsoImage } from '../../src/vdso/index.js';
import { VDSO_END } from '../../src/world/layout.js';
import { scratchFolder } from '../assembled.js';
import { brokenRules, cellId, pointName, sweptCell } from '../suite/cells.js';
import { everyImage } from './forms.js';
import { lookUpGnu, lookUpSysv } from './look-up.js';

const NAMES = ['__vdso_pending_syscall_return_address', '__vdso_abort_pending_syscall'] as const;
const images = everyImage();

type Extended = Extract<ReturnType<typeof buildHelperImage>, { ok: true }>;
const known = new Map<string, Extended>();

function extended(image: VdsoImage): Extended {
  const built = known.get(image.id) ?? build(image);
  known.set(image.id, built);
  return built;
}

function build(image: VdsoImage): Extended {
  const helpers = findDesign('vdso-helpers')?.vdsoHelpers;
  if (helpers === undefined) throw new Error('vdso-helpers has no helpers');
  const built = buildHelperImage(image, helpers, { root: ROOT, cacheDir: scratchFolder() });
  if (!built.ok) throw new Error(built.message);
  return built;
}

describe('an image with helpers', () => {
  it.each(images)('is otherwise $id: same entry, same code, same addresses', (image) => {
    const { image: copy } = extended(image);
    const { form, cpu, vsyscall, landingPad, restart, fastReturn, sigreturn, rtSigreturn } = image;
    expect(copy).toMatchObject({
      ...{ form, cpu, vsyscall, landingPad, restart, fastReturn, sigreturn, rtSigreturn },
    });
    const text = image.elf.findSection('.text');
    const [from, to] = [text?.offset ?? 0, (text?.offset ?? 0) + (text?.size ?? 0)];
    expect(to).toBeGreaterThan(from);
    expect(copy.bytes.slice(from, to)).toEqual(image.bytes.slice(from, to));
  });

  it.each(images)('lets both kinds of look-up find every symbol of $id and the new ones', (image) => {
    const { elf } = extended(image).image;
    const names = image.elf.symbols.filter(({ section }) => section !== 0).map(({ name }) => name);
    for (const name of [...names, ...NAMES]) {
      const wanted = elf.findSymbol(name)?.value;
      expect(wanted, name).toBeDefined();
      expect(lookUpSysv(elf, name), name).toBe(wanted);
      expect(lookUpGnu(elf, name), name).toBe(wanted);
    }
    expect(lookUpSysv(elf, 'no_such_symbol')).toBeUndefined();
    expect(lookUpGnu(elf, 'no_such_symbol')).toBeUndefined();
  });

  it.each(images)('is a file that readelf has nothing to say against: $id', (image) => {
    const path = join(scratchFolder(), 'extended.so');
    writeFileSync(path, extended(image).image.bytes);
    const { stdout, stderr } = execaSync('readelf', ['-aW', path]);
    expect(stderr).toBe('');
    for (const name of NAMES) expect(stdout).toMatch(new RegExp(`FUNC +GLOBAL DEFAULT +\\d+ ${name}`));
  });
});

/** Bytes between esp and the return address at an instruction, as the frame description says. */
function describedDepth(elf: ElfFile, address: number): number {
  const tables = readFileFrames(elf).tables.flatMap(({ rows }) => rows);
  const table = tables.find(
    ({ fde }) => address >= fde.start.address && address < fde.start.address + fde.size,
  );
  const cfa = table === undefined ? undefined : rowAt(table, address)?.cfa;
  if (cfa?.kind !== 'register' || cfa.register !== 4) throw new Error(`no CFA from esp at ${address}`);
  return cfa.offset - 4;
}

const STACK = 0x100000;
const CONTEXT = 0x200000;
const SLOT = CONTEXT + 0x800;
const RETURN_TO = 0x0804bdf1;
const WORDS = { edi: 36, esi: 40, ebp: 44, esp: 48, ebx: 52, edx: 56, ecx: 60, eax: 64, eip: 76 };
const SAVED = { edi: 1, esi: 2, ebp: 3, ebx: 4, edx: 5, ecx: 6, eax: 0x77 };
type Saved = keyof typeof WORDS;
const NAMED = ['edi', 'esi', 'ebp', 'esp', 'ebx', 'edx', 'ecx', 'eax', 'eip'] as const;
const GENERAL = ['edi', 'esi', 'ebp', 'ebx', 'edx', 'ecx'] as const;

/** A process that has nothing but the image, a stack and a context. */
function processWith({ image: copy }: Extended): { cpu: Cpu; base: number } {
  const base = VDSO_END - Math.ceil(copy.bytes.length / 4096) * 4096;
  const cpu = Cpu.create(AMD64_SEGMENTS);
  cpu.map(base, VDSO_END - base, 5);
  cpu.write(base, copy.bytes);
  cpu.map(STACK, 0x1000, 3);
  cpu.map(CONTEXT, 0x1000, 3);
  cpu.writeU32(SLOT, RETURN_TO);
  return { cpu, base };
}

/** Calls a helper for a context interrupted at an offset in the image: its result, and what it made of the context. */
function call(helper: string, image: VdsoImage, interrupted: { at: number; esp: number }) {
  const { cpu, base } = processWith(extended(image));
  const eip = base + interrupted.at;
  const before: Record<Saved, number> = { ...SAVED, eip, esp: interrupted.esp };
  for (const name of NAMED) cpu.writeU32(CONTEXT + WORDS[name], before[name]);
  const top = STACK + 0x800;
  cpu.writeU32(top, STACK);
  cpu.writeU32(top + 4, CONTEXT);
  cpu.set('esp', top);
  cpu.set('ebx', 0xbb);
  cpu.set('eip', extended(image).exports.get(helper) ?? 0);
  while (cpu.get('eip') !== STACK) expect(cpu.run(1).kind).toBe('limit');
  expect(cpu.get('esp')).toBe(top + 4);
  expect(cpu.get('ebx')).toBe(0xbb);
  const word = (name: Saved) => cpu.readU32(CONTEXT + WORDS[name]);
  const after = { eip: word('eip'), esp: word('esp'), eax: word('eax'), others: GENERAL.map(word) };
  const result = cpu.get('eax') | 0;
  cpu.close();
  return { result, after, eip };
}

/** The instructions of the entry up to the end of the path on which it is left. */
function entryOf({ bytes, vsyscall, vsyscallSize }: VdsoImage): number[] {
  const code = disassemble(bytes.subarray(vsyscall, vsyscall + vsyscallSize), vsyscall);
  return code.filter(({ text }) => text !== 'int3').map(({ address }) => address);
}

describe.each(images)('the helpers in $id', (image) => {
  const { elf, base, landingPad } = image;
  const pending = entryOf(image).filter((address) => address < landingPad);
  const done = entryOf(image).filter((address) => address >= landingPad);

  it('find the return address at every instruction before the landing pad', () => {
    expect(pending).toContain(image.restart);
    for (const at of pending) {
      const esp = SLOT - describedDepth(elf, base + at);
      expect(call(NAMES[0], image, { at, esp }).result, `+${at - image.vsyscall}`).toBe(RETURN_TO);
    }
  });

  it('abort the call there: the frame is popped, -EINTR, and no other register is kept', () => {
    for (const at of pending) {
      const esp = SLOT - describedDepth(elf, base + at);
      const { result, after } = call(NAMES[1], image, { at, esp });
      expect(result).toBe(0);
      expect(after).toEqual({
        eip: RETURN_TO,
        esp: SLOT + 4,
        eax: 0xfffffffc,
        others: GENERAL.map(() => 0xffffffff),
      });
    }
  });

  it('say from the landing pad on, and outside, that nothing is pending, and change nothing', () => {
    expect(done).toContain(landingPad);
    for (const at of [...done, image.vsyscall - 1, image.sigreturn, image.rtSigreturn]) {
      const interrupted = { at, esp: SLOT };
      expect(call(NAMES[0], image, interrupted).result).toBe(-1);
      const { result, after, eip } = call(NAMES[1], image, interrupted);
      expect(result).toBe(-22);
      expect(after).toEqual({
        eip,
        esp: SLOT,
        eax: 0x77,
        others: GENERAL.map((name) => SAVED[name]),
      });
    }
  });
});

describe('the design vdso-helpers', () => {
  for (const vdso of ['6.1-686/sysenter', '6.1-686/int80', '7.0-amd64/int80', '7.0-amd64/syscall']) {
    it(`neither loses a cancellation nor an effect on ${vdso}`, (context) => {
      for (const scenario of ['read-empty', 'read-data']) {
        const cell = sweptCell(cellId('vdso-helpers', scenario, vdso), context);
        expect(cell.executed).toBe(cell.planned);
        expect(cell.points.flatMap(brokenRules)).toEqual([]);
      }
    });
  }

  it("lets musl take the -EINTR of an aborted close for the call's own", (context) => {
    const cell = sweptCell(cellId('vdso-helpers', 'close'), context);
    const bad = cell.points.filter(({ verdict }) => verdict.kind !== 'pass');
    const entry = ['', '+1', '+2', '+3', '+5'].map((at) => `user __kernel_vsyscall${at}`);
    expect(bad.map(pointName)).toEqual(entry);
    expect(bad.flatMap(brokenRules)).toEqual(bad.map(() => 'no-lost-effect'));
  });

  it('loses no cancellation and no effect when the aborted call is sent to the cancel label', (context) => {
    for (const scenario of ['read-empty', 'read-data', 'close']) {
      const cell = sweptCell(cellId('vdso-helpers-label', scenario), context);
      expect(cell.points.flatMap(brokenRules)).toEqual([]);
    }
  });

  it("loses cancellations at the pushes of 7.0's entry with the labels of 2016", (context) => {
    const cell = sweptCell(cellId('vdso-helpers-2016', 'read-empty', '7.0-amd64/sysenter'), context);
    const bad = cell.points.filter(({ verdict }) => verdict.kind !== 'pass');
    expect(bad.map(pointName)).toEqual([3, 4, 5].map((at) => `user __kernel_vsyscall+${at}`));
    expect(bad.flatMap(brokenRules)).toEqual(bad.map(() => 'no-lost-cancel'));
  });
});
