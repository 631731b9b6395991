/*
 * Whether an instruction that enters the kernel is still ahead. A frame description is the same before the trap and after
 * it, so the only witness is the code: it is followed in a straight line from the interrupted instruction to the first trap
 * or the return. Known are the instructions that __kernel_vsyscall has been made of since 2002; at any other one the answer
 * is no, and a cancellation waits for the next point.
 * SOURCE: Intel SDM, volume 2, chapter 2 and appendix A.
 */
#ifndef CODE_H
#define CODE_H

#include "cfi.h"

/* Bytes of a ModRM byte with what belongs to it, 32-bit addressing. */
static int modrm_length(const byte *p)
{
	int mod = *p >> 6, rm = *p & 7, length = 1;

	if (mod == 3)
		return length;
	if (rm == 4) {
		length++;
		if (mod == 0 && (p[1] & 7) == 5)
			return length + 4;
	}
	if (mod == 1)
		return length + 1;
	return mod == 2 || rm == 5 ? length + 4 : length;
}

static int trap_is_ahead(const byte *p, const byte *end)
{
	enum { MOST = 32 };

	for (int left = MOST; left > 0 && p < end; left--) {
		/* Prefixes of long nops: operand size, ds, repeat. */
		while (*p == 0x66 || *p == 0x3e || *p == 0xf3)
			p++;
		if (p[0] == 0xcd && p[1] == 0x80) /* int $0x80 */
			return 1;
		if (p[0] == 0x0f && (p[1] == 0x34 || p[1] == 0x05)) /* sysenter, syscall */
			return 1;
		if (p[0] == 0xeb) /* jmp rel8: sysenter's restart */
			p += 2 + (signed char)p[1];
		else if ((p[0] & 0xf0) == 0x50 || p[0] == 0x90) /* push, pop, nop */
			p++;
		else if (p[0] == 0x89 || p[0] == 0x8b || p[0] == 0x8d || p[0] == 0x8e) /* mov, lea */
			p += 1 + modrm_length(p + 1);
		else if ((p[0] & 0xf8) == 0xb8) /* mov $imm32 */
			p += 5;
		else if (p[0] == 0x0f && (p[1] == 0x1f || p[1] == 0x1e)) /* nop with operand */
			p += 2 + modrm_length(p + 2);
		else
			return 0;
	}
	return 0;
}

#endif
