# A flag in the kernel instead of a signal: pthread_cancel sets it for the thread, and a call whose number carries the bit
# CANCELLABLE returns -EINTR without acting while it is set. The point has nothing to check and no handler to fear.
#
# long __syscall_cp_asm(volatile int *cancel, long nr, long a, long b, long c, long d, long e, long f)

	.set	EINTR, 4
	.set	SYS_close, 6
	.set	SYS_rt_sigaction, 174
	.set	SIGCANCEL, 33
	.set	SA_SIGINFO, 4
	.set	SA_RESTORER, 0x04000000
	.set	SA_RESTART, 0x10000000
# struct pthread of musl 1.2: tid, cancel, canceldisable and cancelasync (bytes, side by side)
	.set	TID, 0x18
	.set	CANCEL, 0x24
	.set	CANCELDISABLE, 0x28
	.set	CANCELASYNC, 0x29
	.set	ENABLED_ASYNC, 0x0100
	.set	DISABLED, 1
# ucontext: registers and the second word of the mask, in which SIGCANCEL is bit 0
	.set	UC_ESP, 48
	.set	UC_EAX, 64
	.set	UC_EIP, 76
	.set	UC_MASK_HIGH, 112
	.set	SYS_cancelctl, 0x43430000
	.set	CANCELLABLE, 0x20000000
	.set	CANCELCTL_SET, 1

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
__cp_begin:
	movl	24(%esp), %eax
# close() must act: its caller never learns of -EINTR, and the descriptor would stay open.
	cmpl	$SYS_close, %eax
	je	3f
	orl	$CANCELLABLE, %eax
3:
	movl	28(%esp), %ebx
	movl	32(%esp), %ecx
	movl	36(%esp), %edx
	movl	40(%esp), %esi
	movl	44(%esp), %edi
	movl	48(%esp), %ebp
	call	*%gs:16
__cp_end:
	cmpl	$-EINTR, %eax
	je	2f
1:
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
2:
	.cfi_restore_state
	cmpl	$SYS_close, 24(%esp)
	je	1b
	movl	20(%esp), %edx
	cmpl	$0, (%edx)
	je	1b
__cp_cancel:
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

# int pthread_cancel(pthread_t): the word for the C library, then the flag for the kernel. No signal is sent, so a thread
# that computes is never disturbed, of asynchronous type or not.
	.globl	pthread_cancel
	.type	pthread_cancel, @function
pthread_cancel:
	.cfi_startproc
	pushl	%ebx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebx, 0
	movl	8(%esp), %edx
	movl	$1, CANCEL(%edx)
	lock	orl $0, (%esp)
	movl	TID(%edx), %ecx
	movl	$CANCELCTL_SET, %ebx
	movl	$SYS_cancelctl, %eax
	call	*%gs:16
	movl	8(%esp), %edx
	cmpl	%gs:0, %edx
	jne	1f
	cmpw	$ENABLED_ASYNC, CANCELDISABLE(%edx)
	je	2f
1:	xorl	%eax, %eax
	.cfi_remember_state
	popl	%ebx
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebx
	ret
2:
	.cfi_restore_state
	call	__cancel
	hlt
	.cfi_endproc
	.size	pthread_cancel, . - pthread_cancel
	.section .note.GNU-stack, "", @progbits
