# 2002 - 2015, sysenter. The kernel returns to +0x10 and finds the caller's esp in ebp. A restart resumes at +0xe:
# the jump reloads ebp, which the pop on the first way out would else have lost, and enters again.
	.include "vsyscall.inc"
	vsyscall_begin
	save ecx
	save edx
	save ebp
.Lenter:
	movl %esp, %ebp
	sysenter
	.fill 7, 1, 0x90
	jmp .Lenter
	reload ebp
	reload edx
	reload ecx
	ret
	vsyscall_end
	.include "sigreturn.inc"
