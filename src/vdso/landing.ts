// Where a call through __kernel_vsyscall comes back. No symbol tells; the code does.
//  - int $0x80 returns to the instruction after itself.
//  - sysenter and syscall keep no return address: the kernel returns to one fixed place in the image. In images with an
//    `int $0x80` behind the fast instruction that place is after it; in older ones it is after the jump back (sysenter)
//    or after the instruction (syscall on AMD).
//  - A restart sets EIP back by 2, the length of all three instructions and of the jump.
// SOURCE: arch/x86/entry/common.c (landing_pad), vdso2c's int80_landing_pad and VDSO32_SYSENTER_RETURN symbols.
import { vsyscallCode } from './forms.js';
import { isNop } from './nops.js';
import type { CpuKind, VdsoEntry } from './types.js';

export type LandingPadResult =
  | { readonly ok: true; readonly entry: VdsoEntry }
  | { readonly ok: false; readonly reason: string };

const TRAPS: ReadonlyMap<string, CpuKind> = new Map([
  ['int $0x80', 'int80'],
  ['sysenter', 'sysenter'],
  ['syscall', 'syscall'],
]);

/** `code` is the whole of `__kernel_vsyscall`; the offsets given are relative to its first byte. */
export function findLandingPad(code: Uint8Array): LandingPadResult {
  const instructions = vsyscallCode(code);
  const first = instructions.findIndex(({ text }) => TRAPS.has(text) || text === '(bad)');
  const trap = instructions[first];
  if (trap === undefined) return { ok: false, reason: 'it has no instruction that enters the kernel' };
  const kind = TRAPS.get(trap.text);
  if (kind === undefined)
    return { ok: false, reason: `the bytes at +0x${trap.address.toString(16)} are no instruction` };
  const lastInt80 = instructions.findLast(({ text }) => text === 'int $0x80');
  if (kind === 'int80') {
    const landingPad = trap.address + trap.size;
    const fastReturn = (lastInt80 ?? trap).address + 2;
    return { ok: true, entry: { trap: trap.address, kind, landingPad, restart: landingPad - 2, fastReturn } };
  }
  const next = instructions.slice(first + 1).find(({ text }) => !isNop(text));
  const jumpsBack = next?.target !== undefined && next.size === 2 && next.target <= trap.address;
  const hasOwnPad = next !== undefined && (next.text === 'int $0x80' || (kind === 'sysenter' && jumpsBack));
  if (kind === 'sysenter' && !hasOwnPad) {
    const what = next?.text ?? 'nothing';
    return { ok: false, reason: `sysenter is followed by '${what}', neither int $0x80 nor a jump back` };
  }
  const before = hasOwnPad ? next : trap;
  const landingPad = before.address + before.size;
  return {
    ok: true,
    entry: { trap: trap.address, kind, landingPad, restart: landingPad - 2, fastReturn: landingPad },
  };
}
