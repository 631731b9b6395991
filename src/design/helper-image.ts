import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAssembly } from '../asm/gnu-as.js';
import { parseElf, sectionBytes } from '../elf/index.js';
import { codeAddress, decodedPart, extendVdso, partOf2016, type VdsoImage } from '../vdso/index.js';
import { VDSO_END } from '../world/layout.js';
import type { VdsoHelpers } from './types.js';

/**
 * Links a design's vDSO code into a copy of an image. The code gets what it would have as labels in a kernel's build:
 * __kernel_vsyscall, vsyscall_pending and vsyscall_depth (see src/vdso/pending.ts).
 */
export type HelperImageResult =
  | {
      readonly ok: true;
      readonly image: VdsoImage;
      /** What the code exports, with addresses in the process: the image's place is fixed by src/world/layout.ts. */
      readonly exports: ReadonlyMap<string, number>;
    }
  | { readonly ok: false; readonly message: string };

const PAGE_BYTES = 4096;

export function buildHelperImage(
  image: VdsoImage,
  { source: name, text: given, labels }: VdsoHelpers,
  { root, cacheDir }: { readonly root: string; readonly cacheDir: string },
): HelperImageResult {
  const entry = image.elf.findSymbol('__kernel_vsyscall')?.value ?? 0;
  const { depths } = labels === 'decoded' ? decodedPart(image) : partOf2016(image);
  const sources = [
    { name, text: given ?? readFileSync(join(root, name), 'utf8') },
    { name: 'vsyscall labels', text: labelSource(depths) },
  ];
  const hex = (value: number) => `0x${value.toString(16)}`;
  const place = [`-Ttext=${hex(codeAddress(image))}`, '--defsym', `__kernel_vsyscall=${hex(entry)}`];
  const built = buildAssembly({ sources, cacheDir, ldFlags: ['-N', '-e', '0', ...place] });
  if (!built.ok) return { ok: false, message: built.error.message };
  const linked = parseElf(built.bytes, name);
  if (!linked.ok) return { ok: false, message: linked.error.message };
  const { elf } = linked;
  const text = elf.findSection('.text');
  const bytes = text === undefined ? undefined : sectionBytes(elf, text);
  if (bytes === undefined) return { ok: false, message: `${name}: no code` };
  const symbols = elf.symbols.filter(({ bind, type }) => bind === 'GLOBAL' && type === 'FUNC');
  const extended = extendVdso(image, { bytes, symbols });
  if (!extended.ok) return { ok: false, message: extended.error.message };
  const start = VDSO_END - Math.ceil(extended.image.bytes.length / PAGE_BYTES) * PAGE_BYTES - image.base;
  const exports = new Map(symbols.map((symbol) => [symbol.name, start + symbol.value]));
  return { ok: true, image: extended.image, exports };
}

function labelSource(depths: readonly number[]): string {
  return [
    '.globl vsyscall_pending, vsyscall_depth',
    `.set vsyscall_pending, ${depths.length}`,
    '.text',
    `vsyscall_depth: .byte ${depths.join(', ')}`,
    '',
  ].join('\n');
}
