// Without the emulator's library: one line with the command that gets it, exit code 3, no result. A process of its own: the
// library is loaded once.
import { beforeAll, describe, expect, it } from 'vitest';
import { sigsweep } from './text.js';

const LINE =
  /^sigsweep: cannot load libnowhere\.so \(the CPU emulator\): install it with "apt-get install libunicorn2"\n$/;

beforeAll(() => {
  process.env['SIGSWEEP_UNICORN'] = 'libnowhere.so';
});

describe('without libunicorn', () => {
  it.each([['matrix'], ['sweep', 'read-empty'], ['run', 'fixtures/cache/programs/musl-1.2.3/compat/hello']])(
    'sigsweep %s says what to install',
    async (...argv) => {
      const { code, out, err } = await sigsweep(argv);
      expect({ code, out }).toEqual({ code: 3, out: '' });
      expect(err).toMatch(LINE);
    },
  );

  it('sigsweep doctor cannot run its controls, and is not content', async () => {
    const { code, out } = await sigsweep(['doctor']);
    expect(code).toBe(3);
    expect(out).toMatch(/BROKEN +positive control .*not run: cannot load libnowhere\.so/);
    expect(out).toMatch(/sigsweep cannot work here as it is/);
  });
});
