// The images there are, grouped by the form of their __kernel_vsyscall.
import { pad, type Style } from '../../report/style.js';
import { FORM_IDS, isRebuilt, type ListedImage, type VdsoImage } from '../../vdso/index.js';
import { originOf } from '../sidecar.js';

/** One image as the list shows it; R and S are offsets in __kernel_vsyscall, in bytes. */
export interface ImageRow {
  readonly id: string;
  readonly form: string;
  readonly cpu: string;
  readonly flavour: string;
  readonly release: string | null;
  readonly landingPad: number;
  readonly restart: number;
}

function rowOf(image: VdsoImage): ImageRow {
  const { id, form, cpu, flavour, vsyscall } = image;
  return {
    id,
    form,
    cpu,
    flavour,
    release: originOf(id)?.release ?? null,
    landingPad: image.landingPad - vsyscall,
    restart: image.restart - vsyscall,
  };
}

export interface ImageList {
  readonly images: readonly ImageRow[];
  readonly unusable: readonly { readonly id: string; readonly reason: string }[];
}

export function imageList(listed: readonly ListedImage[]): ImageList {
  return {
    images: listed.flatMap((entry) => (entry.ok ? [rowOf(entry.image)] : [])),
    unusable: listed.flatMap((entry) => (entry.ok ? [] : [{ id: entry.id, reason: entry.error.message }])),
  };
}

/** Known forms by age, others after them by name. */
function formsInOrder(rows: readonly ImageRow[]): string[] {
  const used = new Set(rows.map(({ form }) => form));
  const known = FORM_IDS.filter((form) => used.has(form));
  return [...known, ...[...used].filter((form) => !known.includes(form)).sort()];
}

export function imageListText({ images, unusable }: ImageList, style: Style): string {
  const width = Math.max(8, ...images.map(({ id }) => id.length)) + 2;
  const forms = formsInOrder(images);
  const groups = forms.flatMap((form) => {
    const rows = images.filter((row) => row.form === form);
    const [first] = rows;
    if (first === undefined) return [];
    const offsets = `returns to +0x${first.landingPad.toString(16)} (R), restarts at +0x${first.restart.toString(16)} (S)`;
    return [
      '',
      `${style.bold(form)}  ${offsets}`,
      ...rows.map(({ id, flavour, cpu, release }) =>
        `  ${pad(id, width)}${pad(flavour, 7)}${pad(cpu, 10)}${isRebuilt(id) ? 'rebuilt from asm/vdso' : (release ?? '')}`.trimEnd(),
      ),
    ];
  });
  const count = `${images.length} vDSO images in ${forms.length} forms of __kernel_vsyscall`;
  const broken = unusable.map(({ id, reason }) => style.doubt(`  ${id}: ${reason}`));
  return [count, ...groups, ...(broken.length > 0 ? ['', 'not usable:', ...broken] : []), ''].join('\n');
}
