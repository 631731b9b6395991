// The real libgcc judges the model of it: its _Unwind_Backtrace runs in a signal handler at every instruction of a window, in
// the emulator, and must see the frames that the model sees.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FrameIndex, type FrameState, libgcc, readFrame } from '../../src/cfi/unwind/index.js';
import type { Cpu } from '../../src/cpu/index.js';
import { parseElf } from '../../src/elf/index.js';
import { walk } from '../../src/explore/points.js';
import { runToEnd } from '../../src/explore/run.js';
import { Session } from '../../src/explore/session.js';
import type { Subject } from '../../src/explore/subject.js';
import { pageUp } from '../../src/kernel/mm/types.js';
import { CACHE } from '../../src/suite/catalog.js';
import { placesOf } from '../../src/suite/places.js';
import { VDSO_END } from '../../src/world/layout.js';
import { mark } from '../../src/world/marks.js';
import { postApplicationSignal } from '../../src/world/post.js';
import { programSubject } from './subject.js';

interface Frame {
  readonly pc: number;
  readonly sp: number;
}

function subjectOf(libc: string, argument: string): Subject {
  const path = `${CACHE}/programs/${libc}/unwind/backtrace`;
  const parsed = parseElf(new Uint8Array(readFileSync(path)), 'backtrace');
  if (!parsed.ok) throw new Error(parsed.error.message);
  return programSubject(libc, parsed.elf, argument);
}

/** What the program's own unwinder has noted, from the trampoline on: the handler's frames come first. */
function noted({ cpu }: { cpu: Cpu }, at: number, count: number, trampoline: number): Frame[] {
  const all = Array.from({ length: count }, (_, i) => ({
    pc: cpu.readU32(at + 8 * i) ?? 0,
    sp: cpu.readU32(at + 8 * i + 4) ?? 0,
  }));
  return all.slice(all.findIndex(({ pc }) => pc === trampoline));
}

/** What the model sees from the trampoline on; libgcc calls back for the end of the stack too. */
function modelled(start: FrameState, index: FrameIndex, cpu: Cpu): Frame[] {
  const frames: Frame[] = [];
  for (let state: FrameState | null = start; state !== null && frames.length < 40; ) {
    frames.push({ pc: state.pc, sp: state.cfa });
    const step = readFrame(libgcc, state, index, cpu);
    if (step.kind !== 'frame') break;
    if (step.next === null) frames.push({ pc: 0, sp: step.frame.caller.cfa });
    state = step.next;
  }
  return frames;
}

function compare(libc: string, argument: string): { points: number; depths: Set<number>; differ: string[] } {
  const subject = subjectOf(libc, argument);
  const opened = Session.open(subject);
  if (!opened.ok) throw new Error(opened.reason);
  const { session } = opened;
  const { world } = session;
  const { vdso, program } = subject;
  const bias = VDSO_END - pageUp(vdso.bytes.length) - vdso.base;
  const index = new FrameIndex([
    { elf: vdso.elf, bias },
    { elf: program, bias: 0 },
  ]);
  const place = placesOf(subject);
  const framesAt = program.findSymbol('frames')?.value ?? 0;
  const differ: string[] = [];
  const depths = new Set<number>();
  let points = 0;
  for (const point of walk(session)) {
    if (point.moment !== 'user') continue;
    points++;
    const here = session.snapshot();
    postApplicationSignal(world, session.target, session.targetTask.pid);
    session.advance();
    const { cpu } = world;
    const sp = (cpu.get('esp') + 4) >>> 0;
    const trampoline = cpu.readU32(cpu.get('esp')) ?? 0;
    const names = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'] as const;
    const registers = names.map((name) => (name === 'esp' ? sp : cpu.get(name)));
    const expected = modelled({ pc: trampoline, registers, interrupted: false, cfa: sp }, index, cpu);
    let depth = 0;
    runToEnd(session, () => {
      const seen = world.history.findLast((event) => event.kind === 'mark');
      if (seen?.kind === 'mark' && seen.mark === mark.saw) depth = seen.args[0] ?? 0;
      return depth > 0;
    });
    const real = noted(world, framesAt, depth, trampoline);
    depths.add(real.length);
    const text = (frames: readonly Frame[]): string =>
      frames.map(({ pc, sp: at }) => `${place(pc).name}@${at.toString(16)}`).join(' ');
    if (text(real) !== text(expected))
      differ.push(`${place(point.address).name}: libgcc ${text(real)}; model ${text(expected)}`);
    session.restore(here);
    session.discard(here);
  }
  session.close();
  return { points, depths, differ };
}

describe('the model of libgcc', () => {
  for (const libc of ['glibc-2.36', 'glibc-2.41']) {
    const here = existsSync(`${CACHE}/programs/${libc}/unwind/backtrace`);
    it.runIf(here).each(['plain', 'info', 'own', 'own-info', 'unmarked-info'])(
      `sees what the real one sees in ${libc} (handler: %s), at every instruction`,
      (argument) => {
        const { points, depths, differ } = compare(libc, argument);
        expect(differ).toEqual([]);
        expect(points).toBeGreaterThan(200);
        expect(Math.max(...depths)).toBeGreaterThan(6);
      },
    );
  }
});
