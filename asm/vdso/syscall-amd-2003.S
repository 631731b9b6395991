# 64-bit kernels until 2015 on AMD CPUs, compat syscall: it destroys ecx, so the second argument travels in ebp, and
# leaves ss unusable, so that is reloaded with the 32-bit user data selector 0x2b. Returns to +5; a restart repeats
# the syscall itself.
	.include "vsyscall.inc"
	vsyscall_begin
	save ebp
	movl %ecx, %ebp
	.cfi_register ecx, ebp
	syscall
	movl $0x2b, %ecx
	movl %ecx, %ss
	movl %ebp, %ecx
	.cfi_restore ecx
	reload ebp
	ret
	vsyscall_end
	.include "sigreturn.inc"
