import type { StickySwitches } from './types.js';

/** The switches of sticky signals by the names people use; the first value is the literal reading and the default. */
const VALUES = {
  pending: ['literal', 'per-call'],
  block: ['mask', 'latch'],
  restart: ['raw', 'eintr'],
  nointr: ['restart', 'eintr', 'exempt'],
  'latch-at': ['delivery', 'sigreturn'],
  clear: ['keep', 'discard'],
  scope: ['any', 'marked'],
  group: ['shared', 'latches'],
  inherit: ['keep', 'drop'],
} as const;

export type SwitchName = keyof typeof VALUES;

export const SWITCHES: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(VALUES));

type Chosen = ReadonlyMap<string, string>;

function pick<N extends SwitchName>(chosen: Chosen, name: N): (typeof VALUES)[N][number] {
  const values: readonly (typeof VALUES)[N][number][] = VALUES[name];
  const [literal] = VALUES[name];
  return values.find((value) => value === chosen.get(name)) ?? literal;
}

/** Switches from names and values that are known to exist; what is not named is literal. */
export function stickySwitches(chosen: Chosen): StickySwitches {
  return {
    pending: pick(chosen, 'pending'),
    block: pick(chosen, 'block'),
    restart: pick(chosen, 'restart'),
    nointr: pick(chosen, 'nointr'),
    latchAt: pick(chosen, 'latch-at'),
    clear: pick(chosen, 'clear'),
    scope: pick(chosen, 'scope'),
    group: pick(chosen, 'group'),
    inherit: pick(chosen, 'inherit'),
  };
}

export const LITERAL: StickySwitches = stickySwitches(new Map());
