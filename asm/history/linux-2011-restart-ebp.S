# A restart that executes sysenter again with the registers that the kernel gives back: ebp is the sixth argument by then and
# no stack pointer. Rebuilt in the form of 2002: the jump behind sysenter misses the instruction that loads ebp.
	.include "vsyscall.inc"
	vsyscall_begin
	save ecx
	save edx
	save ebp
	.ifdef FIXED
1:	movl %esp, %ebp
	.else
	movl %esp, %ebp
1:
	.endif
	sysenter
	.fill 7, 1, 0x90
	jmp 1b
	reload ebp
	reload edx
	reload ecx
	ret
	vsyscall_end
