// --libc: a shipped C library by its id, or one of the user's own, with which the scenarios are linked for the check.
import { programsFor } from '../../scripts/own-libc.mjs';
import { type ElfFile, parseArchive, parseElf } from '../elf/index.js';
import type { VdsoImage } from '../vdso/index.js';
import {
  type CheckChoice,
  type CheckPlan,
  entryOf,
  familyOf,
  imagesOf,
  ownDesign,
  type PlanResult,
  refuse,
  scenariosOf,
  shippedProgram,
  sweepSideOf,
} from './plan.js';
import type { TrialSpec } from './types.js';

/** Every scenario with a library's own code: nothing to compare with but a baseline. */
export function planShipped(libc: string, choice: CheckChoice): PlanResult {
  const design = ownDesign(libc);
  if (design === undefined) return refuse(`sigsweep does not know how ${libc} makes its calls`);
  return planLibrary(
    { label: libc, what: `${libc} as shipped`, family: familyOf(libc), design: design.id, choice },
    (scenario) => shippedProgram(libc, scenario),
  );
}

export interface LibcFile {
  /** The archive; its start files lie beside it or where a build tree has them. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly choice: CheckChoice;
}

/** Told by the functions that make cancellable calls. */
const KINDS: readonly {
  readonly symbol: string;
  readonly family: 'musl' | 'glibc';
  readonly design: string;
}[] = [
  { symbol: '__syscall_cp_asm', family: 'musl', design: 'pc-check' },
  { symbol: '__syscall_cancel_arch', family: 'glibc', design: 'pc-check-glibc' },
  { symbol: '__pthread_enable_asynccancel', family: 'glibc', design: 'async-window' },
  { symbol: '__pthread_unwind', family: 'glibc', design: 'async-window' },
];

function defines({ symbols }: ElfFile, name: string): boolean {
  return symbols.some((symbol) => symbol.name === name && symbol.section !== 0);
}

export function planLibc({ path, bytes, choice }: LibcFile): PlanResult {
  const archive = parseArchive(bytes, path);
  if (!archive.ok) return refuse(archive.error.message);
  const objects = archive.members.flatMap((member) => {
    const parsed = parseElf(member.bytes, `${path}(${member.name})`);
    return parsed.ok ? [parsed.elf] : [];
  });
  if (objects.length === 0) return refuse(`${path}: no i386 objects in it: it has to be built for i386`);
  const kind = KINDS.find(({ symbol }) => objects.some((object) => defines(object, symbol)));
  if (kind === undefined)
    return refuse(
      `${path}: neither musl nor glibc: it has none of ${KINDS.map(({ symbol }) => symbol).join(', ')}`,
    );
  const scenarios = scenariosOf(choice);
  if (typeof scenarios === 'string') return refuse(scenarios, true);
  const built = programsFor({ archive: path, family: kind.family, scenarios });
  if (!built.ok) return refuse(built.reason);
  const { family, design } = kind;
  const planned = planLibrary(
    { label: path, what: path, family, design, choice },
    (scenario) => built.programs[scenario] ?? '',
  );
  if (!planned.ok) return planned;
  return { ok: true, plan: { ...planned.plan, gaps: built.failed } };
}

interface Library {
  readonly label: string;
  readonly what: string;
  readonly family: string;
  readonly design: string;
  readonly choice: CheckChoice;
}

function planLibrary(
  { label, what, family, design, choice }: Library,
  programOf: (scenario: string) => string,
): PlanResult {
  const scenarios = scenariosOf(choice);
  if (typeof scenarios === 'string') return refuse(scenarios, true);
  const images = imagesOf(choice);
  if (typeof images === 'string') return refuse(images, choice.images.length > 0);
  const trial = (scenario: string, image: VdsoImage): TrialSpec => ({
    key: { code: family, scenario, entry: entryOf(image) },
    after: sweepSideOf({ label, libc: label, program: programOf(scenario), design, given: null, image }),
    before: null,
  });
  const specs = images.flatMap((image) =>
    scenarios.filter((scenario) => programOf(scenario) !== '').map((scenario) => trial(scenario, image)),
  );
  const plan: CheckPlan = { what, against: null, file: null, specs, gaps: [] };
  return { ok: true, plan };
}
