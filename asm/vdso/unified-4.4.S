# 4.4 (2015) - 6.19: one image, patched at boot. The fast instruction falls through into int $0x80 on CPUs that lack it,
# and that is also what a restart runs. Returns to +9. CPU: 0 int80, 1 sysenter, 2 syscall.
	.include "vsyscall.inc"
	vsyscall_begin
	save ecx
	save edx
	save ebp
	.if CPU == 1
	movl %esp, %ebp
	sysenter
	.elseif CPU == 2
	movl %ecx, %ebp
	syscall
	.else
	.fill 4, 1, 0x90
	.endif
	int $0x80
	reload ebp
	reload edx
	reload ecx
	ret
	vsyscall_end
	.include "sigreturn.inc"
