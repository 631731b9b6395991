// `sigsweep replay`: the same run again, told in full.
import { describe, expect, it } from 'vitest';
import { IMAGE, sigsweep } from './text.js';

async function token(choices: string): Promise<string> {
  const { out } = await sigsweep(['sweep', 'read-empty', '--vdso', IMAGE, '--design', 'naive-vdso']);
  const found = /sigsweep replay (\S+)/.exec(out)?.[1] ?? '';
  return found.replace(/\+c\d+\+/, `+${choices}+`);
}

describe('sigsweep replay', () => {
  it('of the run without a cancellation is no pass: the reader sleeps, and nobody cancels', async () => {
    const { code, out } = await sigsweep(['replay', await token('none'), '--events']);
    expect(code).toBe(2);
    expect(out).toMatch(/read goes to sleep\ninconclusive: .*parked\n$/);
  });

  it('of a point that passes ends with 0 and says so', async () => {
    const { code, out } = await sigsweep(['replay', await token('c0'), '--events']);
    expect(code).toBe(0);
    expect(out).toMatch(/pass: every rule holds/);
  });

  it('shows every instruction of both threads, and in between what the kernel did', async () => {
    const text = await token('c57');
    const { code, out } = await sigsweep(['replay', text]);
    expect(code).toBe(1);
    expect(out).toMatch(/^target \d+ +[0-9a-f]{8} {2}__kernel_vsyscall\S* +pushl %edx$/m);
    expect(out).toMatch(/^thread \d+ +[0-9a-f]{8} {2}pthread_cancel/m);
    const events = (await sigsweep(['replay', text, '--events'])).out;
    for (const line of events.trim().split('\n')) expect(out).toContain(line);
  });

  it('refuses a point behind the end of the window', async () => {
    const { code, out, err } = await sigsweep(['replay', await token('c9999')]);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/^sigsweep: refused: the window has no point 9999\n$/);
  });
});
