# The description forgets where EBP is after its push: an unwinder gives the caller this frame's EBP.
	.include "vsyscall.inc"
	vsyscall_begin
	save ecx
	save edx
	pushl %ebp
	.cfi_adjust_cfa_offset 4
	.ifeq WRONG
	.cfi_rel_offset ebp, 0
	.endif
	movl %esp, %ebp
wrong:
	sysenter
	int $0x80
	reload ebp
	reload edx
	reload ecx
	ret
	vsyscall_end
