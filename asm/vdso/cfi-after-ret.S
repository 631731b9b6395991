# The way out for errors stands behind the return and is reached from before it: it inherits the row of the return,
# where everything has been popped, unless the state is remembered.
	.text
	.globl careful
	.type careful, @function
careful:
	.cfi_startproc
	pushl %ebx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset ebx, 0
	movl 8(%esp), %ebx
	int $0x80
	testl %eax, %eax
	js wrong
	.ifeq WRONG
	.cfi_remember_state
	.endif
	popl %ebx
	.cfi_adjust_cfa_offset -4
	.cfi_restore ebx
	ret
	.ifeq WRONG
	.cfi_restore_state
	.endif
wrong:
	orl $-1, %eax
	popl %ebx
	.cfi_def_cfa_offset 4
	.cfi_restore ebx
	ret
	.cfi_endproc
	.size careful, . - careful
