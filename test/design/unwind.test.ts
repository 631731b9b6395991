// The handler that unwinds: right on every form of the entry, and what it loses when the frame description is all it has.
// Judge: the sweep's rules; for the forms that no kernel of today has, the images rebuilt from asm/vdso.
import { describe, expect, it, type TestContext } from 'vitest';
import { disassemble } from '../../src/asm/disassemble.js';
import { sweep } from '../../src/explore/sweep.js';
import { judge } from '../../src/rules/judge.js';
import { placesOf } from '../../src/suite/places.js';
import type { VdsoImage } from '../../src/vdso/index.js';
import { cellId, IMAGE, subjectFor, withSession } from '../suite/cells.js';
import { everyImage } from './forms.js';

interface Bad {
  readonly rules: readonly string[];
  readonly point: string;
}

/** The points at which the design breaks a rule with this image. */
function badPoints(design: string, scenario: string, image: VdsoImage, context: TestContext): Bad[] {
  const subject = { ...subjectFor(cellId(design, scenario, IMAGE), context), vdso: image };
  const place = placesOf(subject);
  return withSession(subject, (session) => {
    const { planned, executed, results } = sweep(session, judge);
    expect(executed).toBe(planned);
    return results.flatMap(({ point: { moment, address }, result }) => {
      if (result.kind === 'pass') return [];
      expect(result.kind).toBe('violation');
      const rules = result.kind === 'violation' ? result.violations.map(({ rule }) => rule) : [];
      return [{ rules, point: `${moment} ${place(address).name}` }];
    });
  });
}

/** One image of each form of entry. */
const forms = [...new Map(everyImage().map((image) => [image.form, image])).values()];

/** What is left of the entry from an offset on, as places. */
function entryFrom({ bytes, vsyscall, vsyscallSize }: VdsoImage, offset: number): string[] {
  const code = disassemble(bytes.subarray(vsyscall + offset, vsyscall + vsyscallSize), offset);
  const end = code.findIndex(({ text }) => text === 'ret');
  return code.slice(0, end + 1).map(({ address }) => `user __kernel_vsyscall+${address}`);
}

describe.each(forms)('on $form', (image) => {
  it('unwind loses neither a cancellation nor an effect', (context) => {
    expect(badPoints('unwind', 'read-empty', image, context)).toEqual([]);
    expect(badPoints('unwind', 'read-data', image, context)).toEqual([]);
    expect(badPoints('unwind', 'read-arriving', image, context)).toEqual([]);
  });

  it('unwind-cfi loses what the call did, from the trap to the return', (context) => {
    expect(badPoints('unwind-cfi', 'read-empty', image, context)).toEqual([]);
    const bad = badPoints('unwind-cfi', 'read-data', image, context);
    expect(bad.flatMap(({ rules }) => rules)).toEqual(bad.map(() => 'no-lost-effect'));
    const trap = image.trap - image.vsyscall;
    const at = `__kernel_vsyscall${trap === 0 ? '' : `+${trap}`}`;
    const after = entryFrom(image, image.landingPad - image.vsyscall);
    expect(bad.map(({ point }) => point)).toEqual([`entry ${at}`, `exit ${at}`, ...after]);
  });
});
