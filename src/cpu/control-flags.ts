/**
 * EFLAGS without the six status flags, read without a library call.
 *
 * QEMU computes the status flags only when somebody asks (that is what the call is for), and keeps DF as the step of the
 * string instructions, 1 or -1; all others are plain bits of one word (target/i386/cpu.h: CPUX86State eflags, df). Where
 * the two are, is found once by writing telling values.
 */
import type { Engine } from './engine.js';
import { CpuError } from './errors.js';

interface FlagPlace {
  /** Word index of the plain bits, and of the step. */
  readonly word: number;
  readonly step: number;
}

const DF = 0x400;
/** OF SF ZF AF PF CF. */
const STATUS = 0x8d5;
const PLAIN = ~(STATUS | DF);
const FORWARD = 1;
const BACKWARD = 0xffffffff;
/** Always one, and the interrupt flag. */
const BASE = 0x202;
const NT = 0x4000;
const AC = 0x40000;

let place: FlagPlace | undefined;

/** Where the loaded library has them. Throws CpuError ENGINE_UNSUPPORTED. */
export function flagPlace(engine: Engine): FlagPlace {
  place ??= findPlace(engine);
  return place;
}

/** u32; the status flags are zero. */
export function controlFlags({ state }: Engine, { word, step }: FlagPlace): number {
  const plain = (state[word] ?? 0) & PLAIN;
  return (state[step] === BACKWARD ? plain | DF : plain) >>> 0;
}

function findPlace(engine: Engine): FlagPlace {
  const before = engine.state.slice();
  const [base, marked, backward] = [BASE, BASE | NT | AC, BASE | DF].map((value) => {
    engine.writeEflags(value);
    return engine.state.slice();
  });
  engine.state.set(before);
  const words = [...before.keys()];
  const word = words.filter(
    (i) =>
      ((base?.[i] ?? 0) & PLAIN) >>> 0 === BASE && ((marked?.[i] ?? 0) & PLAIN) >>> 0 === (BASE | NT | AC),
  );
  const step = words.filter((i) => base?.[i] === FORWARD && backward?.[i] === BACKWARD);
  const [onlyWord, ...otherWords] = word;
  const [onlyStep, ...otherSteps] = step;
  if (onlyWord === undefined || onlyStep === undefined || otherWords.length + otherSteps.length > 0)
    throw new CpuError(
      'ENGINE_UNSUPPORTED',
      "this libunicorn's flags were not found; use Debian 12's libunicorn2",
    );
  return { word: onlyWord, step: onlyStep };
}
