import { SWITCHES, stickySwitches } from '../world/proposals.js';
import type { Design, PointSymbols } from './types.js';

/**
 * The readings of sticky signals as designs: sticky-signal:SWITCH=VALUE,… names those switches that are not literal. Kernel
 * switches are those of the model; the others say what the C library does, by symbols with which the overlay is built.
 */
const LIBRARY: ReadonlyMap<string, ReadonlyMap<string, string | null>> = new Map([
  // The handler finds cancellation disabled.
  [
    'disabled',
    new Map([
      ['clears', null],
      ['sticks', 'DISABLED_STICKS'],
    ]),
  ],
  // pthread_setcancelstate(DISABLE).
  [
    'state',
    new Map([
      ['clears', null],
      ['sticks', 'STATE_STICKS'],
    ]),
  ],
  // Before cleanup handlers run.
  [
    'act',
    new Map([
      ['clears', null],
      ['sticks', 'ACT_STICKS'],
    ]),
  ],
  // Cancellation is enabled: the handler just returns, masks the signal for sigreturn, or clears it.
  [
    'handler',
    new Map([
      ['returns', null],
      ['masks', 'HANDLER_MASKS'],
      ['clears', 'HANDLER_CLEARS'],
    ]),
  ],
  [
    'sa-restart',
    new Map([
      ['yes', null],
      ['no', 'NO_SA_RESTART'],
    ]),
  ],
]);

const PREFIX = 'sticky-signal';

/** The reading that keeps every promise, see docs/findings-sticky.md: written out, and its short name. */
export const WORKING =
  'sticky-signal:pending=per-call,block=latch,restart=eintr,nointr=exempt,clear=discard,scope=marked,group=latches,inherit=drop';
const WORKING_NAME = 'sticky-working';

/** The design of such an id; undefined for a switch or value that does not exist, or one named twice. */
export function stickyDesign(id: string, symbols: PointSymbols): Design | undefined {
  if (id === WORKING_NAME) {
    const design = stickyDesign(WORKING, symbols);
    return (
      design && {
        ...design,
        id,
        title: `the reading of sticky-signal that works: ${WORKING.replace(/.*:/, '')}`,
      }
    );
  }
  if (id !== PREFIX && !id.startsWith(`${PREFIX}:`)) return undefined;
  const words = id === PREFIX ? [] : id.slice(PREFIX.length + 1).split(',');
  const chosen = new Map<string, string>();
  for (const word of words) {
    const [name = '', value = '', ...rest] = word.split('=');
    const known = SWITCHES.get(name)?.includes(value) === true || LIBRARY.get(name)?.has(value) === true;
    if (!known || rest.length > 0 || chosen.has(name)) return undefined;
    chosen.set(name, value);
  }
  const defines = [...LIBRARY].flatMap(([name, values]) => values.get(chosen.get(name) ?? '') ?? []);
  return {
    id,
    title:
      words.length === 0
        ? 'the signal stays pending until it is cleared, every open question read literally'
        : `the signal stays pending until it is cleared: ${words.join(', ')}`,
    libc: { name: 'musl' },
    folder: `asm/designs/${PREFIX}`,
    defines,
    symbols,
    kernel: { kind: PREFIX, switches: stickySwitches(chosen) },
  };
}

/** For a message about an id that is none: what can be switched, the default first; empty for other designs. */
export function switchHint(id: string): string {
  if (!id.startsWith(PREFIX)) return '';
  const library = [...LIBRARY].map(([name, values]) => [name, [...values.keys()]] as const);
  const all = [...SWITCHES, ...library].map(([name, values]) => `${name}=${values.join('|')}`);
  return `; ${PREFIX}:SWITCH=VALUE,… knows ${all.join(' ')}`;
}
