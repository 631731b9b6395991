# def_cfa_offset sets, adjust_cfa_offset adds: with the wrong one the CFA is said to be 4 below ESP.
	.include "vsyscall.inc"
	vsyscall_begin
	save ebp
	movl %ecx, %ebp
	syscall
	popl %ebp
	.if WRONG
	.cfi_def_cfa_offset -4
	.else
	.cfi_adjust_cfa_offset -4
	.endif
	.cfi_restore ebp
wrong:
	ret
	vsyscall_end
