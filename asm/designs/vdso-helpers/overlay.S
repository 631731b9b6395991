# The cancellation point and the SIGCANCEL handler of `vdso-helpers`. The point is musl's with the trap made through the vDSO
# (AT_SYSINFO); the handler asks the vDSO whether it has interrupted such a call and has it aborted: it then returns -EINTR,
# and musl's C code behind the point sees the pending cancellation, as after a real -EINTR. With TO_LABEL the handler sends it
# to the cancel label instead, where the stack is as at the return address.
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

# void cancel_handler(int sig, siginfo_t *info, ucontext_t *context)
# struct pthread: tid 24, cancel 36, canceldisable 40, cancelasync 41. ucontext_t: eip 76, uc_sigmask 108 (33 is bit 32).
# The vDSO's functions are found by name, as a C library does once at start; here the linker is given their addresses.

	.set	SIGCANCEL, 33
	.set	SYS_tkill, 238

	.globl	cancel_handler
	.type	cancel_handler, @function
cancel_handler:
	movl	12(%esp), %edx
	movl	%gs:0, %eax
	cmpl	$0, 36(%eax)
	je	4f
	cmpb	$1, 40(%eax)
	je	4f
	orl	$1, 112(%edx)
	cmpb	$0, 41(%eax)
	jne	3f
	movl	76(%edx), %ecx
	cmpl	$__cp_begin, %ecx
	jb	1f
	cmpl	$__cp_end, %ecx
	jb	3f
1:	pushl	%edx
	call	__vdso_pending_syscall_return_address
	addl	$4, %esp
	cmpl	$__cp_end, %eax
	jne	2f
	pushl	12(%esp)
	call	__vdso_abort_pending_syscall
	addl	$4, %esp
	.ifdef TO_LABEL
	movl	12(%esp), %edx
	jmp	3f
	.endif
	ret
	# Somewhere else: again when what has been interrupted is over.
2:	pushl	%ebx
	movl	%gs:0, %eax
	movl	24(%eax), %ebx
	movl	$SIGCANCEL, %ecx
	movl	$SYS_tkill, %eax
	int	$0x80
	popl	%ebx
	ret
3:	movl	$__cp_cancel, 76(%edx)
4:	ret
	.size	cancel_handler, . - cancel_handler

	.section .note.GNU-stack, "", @progbits
