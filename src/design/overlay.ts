import { type BuildResult, buildAssembly } from '../asm/gnu-as.js';
import { type ElfFile, type ElfSymbol, parseElf, SHF, SHN, sectionBytes } from '../elf/index.js';
import { OVERLAY_BASE } from '../world/layout.js';
import type { Overlay } from '../world/options.js';
import { overlaySources } from './sources.js';
import type { Design } from './types.js';

/**
 * Lays a design's assembly over a program. The overlay is linked far away with its undefined symbols resolved to the
 * program's. Every global symbol of the overlay that the program has too, local functions included, is replaced: a jump at
 * the old place of a function, and every relocation the linker kept (ld --emit-relocs) is moved by the distance between the
 * two definitions, so that shipped code that takes the address of a label finds the new one. References to a local function
 * may be relative to its section and stay: they find the jump.
 */
export type OverlayResult =
  | { readonly ok: true; readonly overlay: Overlay; readonly symbols: ReadonlyMap<string, number> }
  | { readonly ok: false; readonly message: string };

export interface OverlaySource {
  readonly design: Design;
  /** The project's folder. */
  readonly root: string;
  readonly cacheDir: string;
  /** Symbols that are not the program's, with the addresses they have in the process: what the vDSO exports. */
  readonly externals?: ReadonlyMap<string, number>;
}

export function buildOverlay(source: OverlaySource, program: ElfFile): OverlayResult {
  const { design, root, cacheDir, externals = new Map() } = source;
  if (design.folder === null && design.given === undefined)
    return { ok: true, overlay: { segments: [], patches: [] }, symbols: new Map() };
  const name = design.given?.sources[0]?.name ?? `${design.folder}/overlay.S`;
  const read = overlaySources(design, root, cacheDir);
  if (!read.ok) return read;
  const { sources, asFlags, includeDirs } = read;
  const inputs = { sources, asFlags, includeDirs, cacheDir };
  const object = parseBuilt(buildAssembly({ ...inputs, ldFlags: ['-r'] }), name);
  if (!object.ok) return object;
  const addressOf = (wanted: string) => externals.get(wanted) ?? program.findSymbol(wanted)?.value;
  const ldFlags = linkFlags(object.elf, addressOf);
  const linked = parseBuilt(buildAssembly({ ...inputs, ldFlags }), name);
  if (!linked.ok) return linked;
  const symbols = definedSymbols(linked.elf, object.elf);
  const retargeted = retarget(program, symbols);
  if (!retargeted.ok) return { ok: false, message: `${name}: ${retargeted.message}` };
  return { ok: true, overlay: { segments: allocated(linked.elf), patches: retargeted.patches }, symbols };
}

type Parsed = { readonly ok: true; readonly elf: ElfFile } | { readonly ok: false; readonly message: string };

function parseBuilt(built: BuildResult, name: string): Parsed {
  if (!built.ok) return { ok: false, message: built.error.message };
  const parsed = parseElf(built.bytes, name);
  return parsed.ok ? parsed : { ok: false, message: parsed.error.message };
}

/** Undefined symbols get the program's addresses; one that nobody has is left for ld to complain about. */
function linkFlags(object: ElfFile, addressOf: (name: string) => number | undefined): string[] {
  const defsyms = object.symbols
    .filter((symbol) => symbol.section === SHN.UNDEF && symbol.name !== '')
    .flatMap(({ name }) => {
      const address = addressOf(name);
      return address === undefined ? [] : ['--defsym', `${name}=0x${address.toString(16)}`];
    });
  return ['-N', '-e', '0', `-Ttext=0x${OVERLAY_BASE.toString(16)}`, ...defsyms];
}

/** Global symbols that the overlay itself defines, with their linked addresses. */
function definedSymbols(linked: ElfFile, object: ElfFile): ReadonlyMap<string, number> {
  const own = object.symbols.filter(
    ({ section, bind, name }) => section !== SHN.UNDEF && bind === 'GLOBAL' && name !== '',
  );
  return new Map(own.map(({ name }) => [name, linked.findSymbol(name)?.value ?? 0]));
}

function allocated(linked: ElfFile): Overlay['segments'] {
  return linked.sections
    .filter(({ flags, size }) => (flags & SHF.ALLOC) !== 0 && size > 0)
    .map((section) => ({
      address: section.addr,
      bytes: sectionBytes(linked, section) ?? new Uint8Array(0),
      // ld -N marks the text writable; it is mapped like any program's.
      protection: (section.flags & SHF.EXECINSTR) !== 0 ? 5 : 3,
    }));
}

type Patches =
  | { readonly ok: true; readonly patches: Overlay['patches'] }
  | { readonly ok: false; readonly message: string };

/** Kinds of relocation whose value moves with the symbol, whatever else is in it. */
const MOVABLE = new Set(['R_386_32', 'R_386_PC32', 'R_386_PLT32', 'R_386_GOTOFF']);

function retarget(program: ElfFile, symbols: ReadonlyMap<string, number>): Patches {
  const patches: { address: number; bytes: Uint8Array }[] = [];
  for (const [name, target] of symbols) {
    const places = placesOf(program, name);
    const [old] = places;
    if (old === undefined) continue;
    if (places.length > 1)
      return {
        ok: false,
        message: `the program has ${places.length} local symbols ${name}: none is replaced`,
      };
    if (old.type === 'FUNC') {
      if (old.size > 0 && old.size < JUMP_LENGTH)
        return { ok: false, message: `${name} has ${old.size} bytes: too few for a jump` };
      patches.push({ address: old.value, bytes: jump(old.value, target) });
    } else if (old.bind === 'LOCAL') {
      return { ok: false, message: `${name} is local and no function: references to it cannot be found` };
    }
  }
  for (const relocation of program.relocations) {
    const { symbol, offset, typeName } = relocation;
    const target = symbol === undefined ? undefined : symbols.get(symbol.name);
    if (symbol === undefined || target === undefined) continue;
    if (!MOVABLE.has(typeName))
      return { ok: false, message: `cannot move a ${typeName} reference to ${symbol.name}` };
    const word = wordAt(program, offset);
    if (word === null) return { ok: false, message: `no content at 0x${offset.toString(16)}` };
    patches.push({ address: offset, bytes: littleEndian(word + target - symbol.value) });
  }
  return { ok: true, patches };
}

/** The program's global symbol of a name, or its local ones at different addresses. */
function placesOf(program: ElfFile, name: string): ElfSymbol[] {
  const best = program.findSymbol(name);
  if (best === undefined || best.section === SHN.UNDEF) return [];
  if (best.bind !== 'LOCAL') return [best];
  const all = program.symbols.filter((symbol) => symbol.name === name && symbol.section !== SHN.UNDEF);
  return [...new Map(all.map((symbol) => [symbol.value, symbol])).values()];
}

const JUMP_LENGTH = 5;

function jump(from: number, to: number): Uint8Array {
  const JMP_REL32 = 0xe9;
  return Uint8Array.of(JMP_REL32, ...littleEndian(to - (from + JUMP_LENGTH)));
}

function littleEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value >>> 0, true);
  return bytes;
}

function wordAt(program: ElfFile, address: number): number | null {
  const section = program.sections.find(
    ({ addr, size, flags }) => (flags & SHF.ALLOC) !== 0 && address >= addr && address + 4 <= addr + size,
  );
  const bytes = section === undefined ? undefined : sectionBytes(program, section);
  if (section === undefined || bytes === undefined) return null;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(
    address - section.addr,
    true,
  );
}
