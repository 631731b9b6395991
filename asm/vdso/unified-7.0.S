# 7.0 (2026) -: a CPU without a fast instruction leaves at once (returns to +2); else three bytes of nop stand there,
# so that the frame description of what follows holds for both. Returns to +0xc. CPU: 0 int80, 1 sysenter, 2 syscall.
	.include "vsyscall.inc"
	vsyscall_begin
	.if CPU == 0
	int $0x80
	ret
	.else
	.byte 0x0f, 0x1f, 0x00
	.endif
	save ecx
	save edx
	save ebp
	.if CPU == 2
	movl %ecx, %ebp
	syscall
	.else
	movl %esp, %ebp
	sysenter
	.endif
	int $0x80
	reload ebp
	reload edx
	reload ecx
	ret
	vsyscall_end
	.include "sigreturn.inc"
