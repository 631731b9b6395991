// What a sweep can be made of: the names that --design, --scenario, --vdso and --libc take.
import { CONTROLS, DESIGNS } from '../design/designs.js';
import type { Design, LibcRange } from '../design/types.js';
import { SCENARIOS } from '../explore/scenarios.js';
import { pad, type Style } from '../report/style.js';
import { allImages, allLibcs } from '../suite/catalog.js';
import { defaultImages } from '../suite/plan.js';

export interface SweepChoices {
  readonly designs: readonly Named[];
  readonly controls: readonly Named[];
  readonly scenarios: readonly Named[];
  readonly images: readonly { readonly id: string; readonly title: string; readonly default: boolean }[];
  readonly libcs: readonly string[];
}

interface Named {
  readonly id: string;
  readonly title: string;
}

function rangeText({ name, from, before }: LibcRange): string {
  return [name, from === undefined ? '' : `from ${from} on`, before === undefined ? '' : `before ${before}`]
    .filter((part) => part !== '')
    .join(' ');
}

function named({ id, title, libc }: Design): Named {
  return { id, title: `${title} (${rangeText(libc)})` };
}

export function sweepChoices(): SweepChoices {
  const usual = defaultImages();
  return {
    designs: DESIGNS.map(named),
    controls: CONTROLS.map(named),
    scenarios: SCENARIOS.map(({ id, title }) => ({ id, title })),
    images: allImages().map((entry) => ({
      id: entry.id,
      title: entry.ok ? entry.image.form : `not usable: ${entry.error.message}`,
      default: usual.includes(entry.id),
    })),
    libcs: allLibcs(),
  };
}

export function choicesText(choices: SweepChoices, style: Style): string {
  const { designs, controls, scenarios, images, libcs } = choices;
  const width =
    Math.max(...[...designs, ...controls, ...scenarios, ...images].map(({ id }) => id.length)) + 2;
  const rows = (items: readonly Named[]) => items.map(({ id, title }) => `  ${pad(id, width)}${title}`);
  const marked = images.map((image) => ({
    id: image.id,
    title: `${image.title}${image.default ? '' : '  (only with --vdso)'}`,
  }));
  return [
    style.bold('designs (--design)'),
    ...rows(designs),
    style.bold('designs that are wrong on purpose, one for each rule'),
    ...rows(controls),
    style.bold('scenarios (--scenario)'),
    ...rows(scenarios),
    style.bold('vDSO images (--vdso)'),
    ...rows(marked),
    style.bold('C libraries (--libc)'),
    ...libcs.map((id) => `  ${id}`),
    '',
  ].join('\n');
}
