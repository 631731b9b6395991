// Cells of one image make a sheet of the matrix; sheets that say the same are one, and its title names all their images.
import type { CellResult } from '../suite/types.js';
import { pointText, shortText } from './cell-text.js';

interface SheetImage {
  readonly id: string;
  /** The image whose sweeps these are, as all its cells execute the same code; null when it was swept itself. */
  readonly sameCodeAs: string | null;
}

export interface Sheet {
  readonly images: readonly SheetImage[];
  readonly forms: readonly string[];
  readonly cells: readonly CellResult[];
}

export function foldSheets(cells: readonly CellResult[]): Sheet[] {
  const byImage = new Map<string, CellResult[]>();
  for (const cell of cells) byImage.set(cell.id.vdso, [...(byImage.get(cell.id.vdso) ?? []), cell]);
  const folded = new Map<string, { images: SheetImage[]; forms: Set<string>; cells: CellResult[] }>();
  for (const [image, sheet] of byImage) {
    const says = JSON.stringify(sheet.map(saysOf));
    const same = folded.get(says) ?? { images: [], forms: new Set<string>(), cells: sheet };
    same.images.push({ id: image, sameCodeAs: twinOf(sheet) });
    for (const cell of sheet) if (cell.kind === 'swept') same.forms.add(cell.form);
    folded.set(says, same);
  }
  return [...folded.values()].map((sheet) => ({ ...sheet, forms: [...sheet.forms] }));
}

/** What a sheet shows of a cell. */
function saysOf(cell: CellResult): readonly unknown[] {
  const { design, libc, scenario } = cell.id;
  const points = cell.kind === 'swept' ? cell.points : [];
  const broken = points.filter(({ verdict }) => verdict.kind === 'violation');
  return [design, libc, scenario, shortText(cell), broken.map((point) => [pointText(point), point.verdict])];
}

function twinOf(sheet: readonly CellResult[]): string | null {
  const twins = new Set(sheet.map((cell) => (cell.kind === 'swept' ? cell.sameCodeAs?.vdso : undefined)));
  const [twin] = twins;
  return twins.size === 1 && twin !== undefined ? twin : null;
}

const WIDTH = 132;

/** `a = b, c`: b executes the code of a, and c has the same verdicts. */
export function imagesText(images: readonly SheetImage[]): string {
  const [only] = images;
  if (images.length === 1 && only !== undefined) return only.id;
  const own = images.filter(({ sameCodeAs }) => sameCodeAs === null);
  const groups = own.map(({ id }) =>
    [id, ...images.filter(({ sameCodeAs }) => sameCodeAs === id).map((twin) => twin.id)].join(' = '),
  );
  const same = own.length > 1 ? 'same sheet' : '';
  const swept = own.length < images.length ? '"=": the same code, swept once' : '';
  const why = `(${[same, swept].filter((part) => part !== '').join('; ')})`;
  const line = `${groups.join(', ')} ${why}`;
  return line.length <= WIDTH ? line : `${groups.join(',\n')}\n${why}`;
}
