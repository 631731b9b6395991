// Overlays: what is patched in a program, on tiny programs made here and on musl's own.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildAssembly } from '../../src/asm/gnu-as.js';
import { CONTROLS, DESIGNS, findDesign } from '../../src/design/designs.js';
import { buildOverlay, type OverlayResult } from '../../src/design/overlay.js';
import type { Design } from '../../src/design/types.js';
import { type ElfFile, parseElf } from '../../src/elf/index.js';
import { OVERLAY_BASE } from '../../src/world/layout.js';
import { scratchFolder } from '../assembled.js';
import { cellId, subjectFor } from '../suite/cells.js';

function linked(...texts: string[]): ElfFile {
  const sources = texts.map((text, at) => ({ name: `part${at}.S`, text }));
  const cacheDir = scratchFolder();
  const built = buildAssembly({ sources, cacheDir, ldFlags: ['--emit-relocs', '-e', '0'] });
  if (!built.ok) throw new Error(built.error.message);
  const parsed = parseElf(built.bytes, 'program');
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.elf;
}

let made = 0;

function laid(program: ElfFile, text: string): OverlayResult {
  const id = `made${made++}`;
  const root = scratchFolder();
  mkdirSync(join(root, id));
  writeFileSync(join(root, id, 'overlay.S'), text);
  const symbols = { enter: null, act: [], signal: 33 };
  const design: Design = { id, title: id, libc: { name: 'musl' }, folder: id, symbols };
  return buildOverlay({ design, root, cacheDir: root }, program);
}

function fine(result: OverlayResult): Extract<OverlayResult, { ok: true }> {
  if (!result.ok) throw new Error(result.message);
  return result;
}

function addressOf(program: ElfFile, name: string): number {
  const found = program.findSymbol(name);
  if (found === undefined) throw new Error(`no symbol ${name}`);
  return found.value;
}

function word(bytes: Uint8Array, at = 0): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

/** Where a `jmp rel32` at this address leads. */
function jumpTarget({ address, bytes }: { address: number; bytes: Uint8Array }): number {
  expect(bytes[0]).toBe(0xe9);
  return (address + 5 + word(bytes, 1)) >>> 0;
}

const FUNCTION = '.type f, @function\nf: nop; nop; nop; nop; ret\n.size f, .-f\n';

describe('an overlay', () => {
  it('puts a jump to its function at the place of a global one', () => {
    const program = linked(`.globl f\n${FUNCTION}`);
    const { overlay, symbols } = fine(laid(program, `.globl f\nnop\n${FUNCTION}`));
    expect(symbols.get('f')).toBe(OVERLAY_BASE + 1);
    expect(overlay.patches).toHaveLength(1);
    const [patch] = overlay.patches;
    expect(patch?.address).toBe(addressOf(program, 'f'));
    expect(patch && jumpTarget(patch)).toBe(OVERLAY_BASE + 1);
  });

  it('puts one at the place of a local function of that name', () => {
    const program = linked(`nop\n${FUNCTION}`);
    const { overlay } = fine(laid(program, `.globl f\n${FUNCTION}`));
    expect(overlay.patches.map(jumpTarget)).toEqual([OVERLAY_BASE]);
    expect(overlay.patches[0]?.address).toBe(addressOf(program, 'f'));
  });

  it('leaves its own local functions to itself', () => {
    const { overlay, symbols } = fine(laid(linked(`.globl f\n${FUNCTION}`), FUNCTION));
    expect(overlay.patches).toEqual([]);
    expect(symbols.size).toBe(0);
  });

  it('moves absolute and relative references to a label, with what is added to them', () => {
    const program = linked('.globl there\nmovl $there+4, %eax\nthere: call there\n');
    const { overlay } = fine(laid(program, '.globl there\nnop\nthere: ret\n'));
    const start = addressOf(program, 'there') - 5;
    expect(overlay.patches.map(({ address }) => address)).toEqual([start + 1, start + 6]);
    const [absolute, relative] = overlay.patches.map(({ bytes }) => word(bytes));
    expect(absolute).toBe(OVERLAY_BASE + 1 + 4);
    expect(((relative ?? 0) + start + 10) >>> 0).toBe(OVERLAY_BASE + 1);
  });

  it('finds the program’s symbols, local functions among them', () => {
    const program = linked(`nop\n${FUNCTION}`);
    const { overlay } = fine(laid(program, 'jmp f\n'));
    const [segment] = overlay.segments;
    expect(segment && jumpTarget(segment)).toBe(addressOf(program, 'f'));
  });

  it('is refused in one line that names a symbol nobody has', () => {
    const result = laid(linked('nop\n'), 'call nowhere\n');
    expect(result.ok ? '' : result.message).toMatch(/^ld: \S*overlay\.S:.*undefined reference to .nowhere.$/);
  });

  it('is refused with file and line when the assembler does not take it', () => {
    const result = laid(linked('nop\n'), 'nop\nmovl %nothing, %eax\n');
    expect(result.ok ? '' : result.message).toMatch(/overlay\.S:2: .*nothing/);
  });

  it('is refused where the program has two local functions of the name', () => {
    const result = laid(linked(FUNCTION, FUNCTION), `.globl f\n${FUNCTION}`);
    expect(result.ok ? '' : result.message).toMatch(/overlay\.S: the program has 2 local symbols f/);
  });

  it('is refused where a jump would reach into the next function', () => {
    const short = linked('.globl f\n.type f, @function\nf: ret\n.size f, .-f\nnop; nop; nop; nop\n');
    const result = laid(short, `.globl f\n${FUNCTION}`);
    expect(result.ok ? '' : result.message).toMatch(/f has 1 bytes: too few for a jump/);
  });

  it('is refused for a local label, to which references cannot be told', () => {
    const result = laid(linked('jmp there\nthere: nop\n'), '.globl there\nthere: nop\n');
    expect(result.ok ? '' : result.message).toMatch(/there is local and no function/);
  });
});

describe('the designs', () => {
  it('have names of their own', () => {
    const ids = [...DESIGNS, ...CONTROLS].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(findDesign(id)?.id).toBe(id);
    expect(findDesign('no-such-design')).toBeUndefined();
  });

  it('pc-check changes nothing in the program', (context) => {
    const { overlay, overlaySymbols } = subjectFor(cellId('pc-check', 'read-empty'), context);
    expect(overlay).toEqual({ segments: [], patches: [] });
    expect(overlaySymbols.size).toBe(0);
  });

  it('naive-vdso: musl’s own handler compares with the new labels', (context) => {
    const { program, overlay, overlaySymbols } = subjectFor(cellId('naive-vdso', 'read-empty'), context);
    const got = addressOf(program, '_GLOBAL_OFFSET_TABLE_');
    const handler = program.findSymbol('cancel_handler');
    const from = handler?.value ?? 0;
    const inHandler = overlay.patches.filter(
      ({ address }) => address > from && address < from + (handler?.size ?? 0),
    );
    const seen = inHandler.map(({ bytes }) => (got + word(bytes)) >>> 0);
    expect(seen).toEqual(['__cp_begin', '__cp_end', '__cp_cancel'].map((name) => overlaySymbols.get(name)));
    for (const address of seen) expect(address).toBeGreaterThan(OVERLAY_BASE);
  });

  it('unmasked: musl’s handler, a local function, is replaced', (context) => {
    const { program, overlay, overlaySymbols } = subjectFor(cellId('unmasked', 'read-empty'), context);
    const handler = addressOf(program, 'cancel_handler');
    const jump = overlay.patches.find(({ address }) => address === handler);
    expect(jump && jumpTarget(jump)).toBe(overlaySymbols.get('cancel_handler'));
  });

  for (const { id, breaks } of CONTROLS) {
    it(`${id} fits the program of ${breaks.scenario}`, (context) => {
      const { overlay } = subjectFor(cellId(id, breaks.scenario), context);
      expect(overlay.segments.length).toBeGreaterThan(0);
      expect(overlay.patches.length).toBeGreaterThan(0);
    });
  }
});
