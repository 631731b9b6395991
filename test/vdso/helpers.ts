// Images to test on: rebuilt ones, and a made-up unpatched one with alternatives in any of the kernel's layouts.
import { readFileSync } from 'node:fs';
import { buildAssembly } from '../../src/asm/gnu-as.js';
import { buildReconstruction, RECONSTRUCTIONS, type VdsoImage } from '../../src/vdso/index.js';

export function rebuilt(form: string, cacheDir: string): VdsoImage {
  const what = RECONSTRUCTIONS.find((candidate) => candidate.form === form);
  if (what === undefined) throw new Error(`${form} is not among the reconstructions`);
  const built = buildReconstruction(what, what.flavours[0] ?? 'i386', cacheDir);
  if (!built.ok) throw new Error(built.error.message);
  return built.image;
}

/** One entry: feature word and tail differ by layout; `flag` means "when the feature is absent". */
function entry(
  layout: number,
  site: string,
  size: number,
  replacement: string,
  feature: number,
  flag = false,
): string {
  const [from, to] = replacement.split(' ');
  const word =
    layout === 14 ? `.long ${feature + (flag ? 0x10000 : 0)}` : `.short ${feature + (flag ? 0x8000 : 0)}`;
  const tail = layout === 13 ? ', 0' : '';
  return `.long ${site} - ., ${from} - .\n${word}\n.byte ${size}, ${to} - ${from}${tail}\n`;
}

/** An image as 64-bit kernels have on disk from 4.4 on, with a fallback that 7.x images patch into a call. */
export function unpatched(layout: 12 | 13 | 14, cacheDir: string): Uint8Array {
  const text = `
	.include "vsyscall.inc"
	vsyscall_begin
	save ecx
	save edx
	save ebp
fast:	.fill 4, 1, 0x90
	int $0x80
	reload ebp
	reload edx
	reload ecx
	ret
	vsyscall_end
	.globl fallback, absent
fallback: .byte 0x3e, 0x3e, 0x3e
	int $0x80
	ret
absent:	rdtsc
	.fill 3, 1, 0x90
	ret
	.include "sigreturn.inc"
	.section .altinstr_replacement, "ax"
r1:	movl %esp, %ebp
	sysenter
r2:	movl %ecx, %ebp
	syscall
r3:	call __kernel_vsyscall
r4:	lfence
r5:
	.section .altinstructions, "a"
${entry(layout, 'fast', 4, 'r1 r2', 111)}
${entry(layout, 'fast', 4, 'r2 r3', 110)}
${entry(layout, 'fallback', 5, 'r3 r4', 111)}
${entry(layout, 'absent', 5, 'r4 r5', 59, true)}
`;
  const built = buildAssembly({
    sources: [{ name: 'unpatched.S', text }],
    cacheDir,
    includeDirs: ['asm/vdso'],
    ldFlags: ['-shared', '-Bsymbolic', '--hash-style=both', '--no-warn-rwx-segments'],
    linkerScript: { name: 'asm/vdso/vdso.ld', text: readFileSync('asm/vdso/vdso.ld', 'utf8') },
  });
  if (!built.ok) throw new Error(built.error.message);
  return built.bytes;
}

export function hexOf(bytes: Uint8Array, at: number, size: number): string {
  return Buffer.from(bytes.subarray(at, at + size)).toString('hex');
}
