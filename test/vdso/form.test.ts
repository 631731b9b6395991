// The forms of __kernel_vsyscall rebuilt from asm/vdso, against the known bytes and landing pads.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FORM_IDS, findLandingPad, nameForm, RECONSTRUCTIONS } from '../../src/vdso/index.js';
import { hexOf, rebuilt } from './helpers.js';

const folder = mkdtempSync(join(tmpdir(), 'sigsweep-forms-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOPS_7 = '90'.repeat(7);
/** form, bytes of the function, R (where the kernel returns), S (where a restart resumes), R of a fast instruction. */
const KNOWN: readonly (readonly [string, string, number, number, number])[] = [
  ['int80-2002', 'cd80c3', 2, 0, 2],
  ['sysenter-2002', `51525589e50f34${NOPS_7}ebf35d5a59c3`, 0x10, 0xe, 0x10],
  ['syscall-amd-2003', '5589cd0f05b92b0000008ed189e95dc3', 5, 3, 5],
  ['unified-4.4/int80', '51525590909090cd805d5a59c3', 9, 7, 9],
  ['unified-4.4/sysenter', '51525589e50f34cd805d5a59c3', 9, 7, 9],
  ['unified-4.4/syscall', '51525589cd0f05cd805d5a59c3', 9, 7, 9],
  ['unified-7.0/int80', 'cd80c351525589e50f34cd805d5a59c3', 2, 0, 0xc],
  ['unified-7.0/sysenter', '0f1f0051525589e50f34cd805d5a59c3', 0xc, 0xa, 0xc],
  ['unified-7.0/syscall', '0f1f0051525589cd0f05cd805d5a59c3', 0xc, 0xa, 0xc],
];

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));

describe('the rebuilt images', () => {
  it('are one of each known form', () => {
    expect(RECONSTRUCTIONS.map(({ form }) => form).sort()).toEqual([...FORM_IDS].sort());
    expect(KNOWN.map(([form]) => form).sort()).toEqual([...FORM_IDS].sort());
  });

  it.each(KNOWN)('%s: known bytes, name, landing pad and restart', (form, hex, pad, restart, fastReturn) => {
    const image = rebuilt(form, folder);
    expect(hexOf(image.bytes, image.vsyscall, image.vsyscallSize)).toBe(hex);
    expect(image.form).toBe(form);
    const found = [image.landingPad, image.restart, image.fastReturn].map((at) => at - image.vsyscall);
    expect(found).toEqual([pad, restart, fastReturn]);
  });

  it.each(KNOWN)('%s: the signal returns are where the symbols say', (form) => {
    const image = rebuilt(form, folder);
    expect(hexOf(image.bytes, image.sigreturn, 8)).toBe('58b877000000cd80');
    expect(hexOf(image.bytes, image.rtSigreturn, 7)).toBe('b8ad000000cd80');
  });
});

describe('nameForm', () => {
  it('does not care which nops pad a form, nor what fills the gap behind it', () => {
    const paddings = ['90909090', '0f1f4000', '8d742600', '66906690'];
    const names = paddings.map((nops) => nameForm(bytesOf(`515255${nops}cd805d5a59c3cc9090`)));
    expect(names).toEqual(paddings.map(() => 'unified-4.4/int80'));
  });

  it('gives new code a name of its own, the same every time', () => {
    const [one, other] = ['515255cd80c3', '515255cd8090c3'].map((hex) => nameForm(bytesOf(hex)));
    expect(one).toMatch(/^unknown-[0-9a-f]{8}$/);
    expect(nameForm(bytesOf('515255cd80c3'))).toBe(one);
    expect(other).not.toBe(one);
  });
});

describe('findLandingPad', () => {
  const reason = (hex: string): string => {
    const found = findLandingPad(bytesOf(hex));
    return found.ok ? 'found' : found.reason;
  };

  it('says why there is none', () => {
    expect(reason('515255c3')).toBe('it has no instruction that enters the kernel');
    expect(reason('')).toBe('it has no instruction that enters the kernel');
    expect(reason('51ffff')).toBe('the bytes at +0x1 are no instruction');
    expect(reason('89e50f345dc3')).toMatch(/^sysenter is followed by 'popl %ebp'/);
  });
});
