# The cancellation point of `unwind`: musl's, with the trap made through the vDSO (AT_SYSINFO) instead of `int $0x80`. It has
# the same labels as musl's; the handler in handler.c looks for them in the frame that called the vDSO, too.
#
# long __syscall_cp_asm(volatile int *cancel, long nr, long a, long b, long c, long d, long e, long f)

	.text
	.globl	__syscall_cp_asm, __cp_begin, __cp_end, __cp_cancel
	.hidden	__syscall_cp_asm, __cp_begin, __cp_end, __cp_cancel
	.type	__syscall_cp_asm, @function
__syscall_cp_asm:
	.cfi_startproc
	pushl	%ebp
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebp, 0
	pushl	%ebx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebx, 0
	pushl	%esi
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %esi, 0
	pushl	%edi
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %edi, 0
	movl	20(%esp), %eax
__cp_begin:
	cmpl	$0, (%eax)
	jne	__cp_cancel
	movl	24(%esp), %eax
	movl	28(%esp), %ebx
	movl	32(%esp), %ecx
	movl	36(%esp), %edx
	movl	40(%esp), %esi
	movl	44(%esp), %edi
	movl	48(%esp), %ebp
	call	*%gs:16
__cp_end:
	.cfi_remember_state
	popl	%edi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %edi
	popl	%esi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %esi
	popl	%ebx
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebx
	popl	%ebp
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebp
	ret
__cp_cancel:
	.cfi_restore_state
	popl	%edi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %edi
	popl	%esi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %esi
	popl	%ebx
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebx
	popl	%ebp
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebp
	jmp	__cancel
	.cfi_endproc
	.size	__syscall_cp_asm, . - __syscall_cp_asm
	.section .note.GNU-stack, "", @progbits
