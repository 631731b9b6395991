# A signal that comes only at the entry of a system call, or out of a call it has interrupted: wherever the handler runs, the
# interrupted call has done nothing. It remains to tell whether it is the cancellation point's: then its return address,
# __cp_end, is among the first words on the stack, below what the vDSO has saved (none, one or three registers).
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
	.set	SA_SYNC, 0x00200000

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

# void cancel_handler(int, siginfo_t *, void *ucontext). With SA_RESTART the context shows the call about to be made again:
# EIP at a trap of two bytes. A call that is never made again shows -EINTR already.
	.globl	cancel_handler
	.type	cancel_handler, @function
cancel_handler:
	.cfi_startproc
	movl	%gs:0, %eax
	cmpl	$0, CANCEL(%eax)
	je	2f
	cmpb	$DISABLED, CANCELDISABLE(%eax)
	je	2f
	movl	12(%esp), %edx
	cmpb	$0, CANCELASYNC(%eax)
	jne	3f
	movl	UC_ESP(%edx), %ecx
	cmpl	$__cp_end, (%ecx)
	je	1f
	cmpl	$__cp_end, 4(%ecx)
	je	1f
	cmpl	$__cp_end, 12(%ecx)
	jne	2f
1:	cmpl	$-EINTR, UC_EAX(%edx)
	je	2f
	movl	$-EINTR, UC_EAX(%edx)
	addl	$2, UC_EIP(%edx)
2:	ret
3:	movl	$__cp_cancel, UC_EIP(%edx)
	ret
	.cfi_endproc
	.size	cancel_handler, . - cancel_handler

# int pthread_cancel(pthread_t): musl's, but for the flag SA_SYNC. The action is set every time: nothing here is writable.
	.globl	pthread_cancel
	.type	pthread_cancel, @function
pthread_cancel:
	.cfi_startproc
	pushl	%ebx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebx, 0
	pushl	%esi
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %esi, 0
	movl	$SYS_rt_sigaction, %eax
	movl	$SIGCANCEL, %ebx
	movl	$action, %ecx
	xorl	%edx, %edx
	movl	$8, %esi
	call	*%gs:16
	popl	%esi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %esi
	movl	8(%esp), %eax
	movl	$1, CANCEL(%eax)
	lock	orl $0, (%esp)
	cmpl	%gs:0, %eax
	je	2f
	pushl	$SIGCANCEL
	.cfi_adjust_cfa_offset 4
	pushl	%eax
	.cfi_adjust_cfa_offset 4
	call	pthread_kill
	addl	$8, %esp
	.cfi_adjust_cfa_offset -8
	jmp	3f
2:	cmpw	$ENABLED_ASYNC, CANCELDISABLE(%eax)
	je	4f
	xorl	%eax, %eax
3:
	.cfi_remember_state
	popl	%ebx
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebx
	ret
4:
	.cfi_restore_state
	call	__cancel
	hlt
	.cfi_endproc
	.size	pthread_cancel, . - pthread_cancel

	.align	4
# The kernel's struct sigaction: handler, flags, restorer, mask.
action:
	.long	cancel_handler, SA_SIGINFO | SA_RESTART | SA_RESTORER | SA_SYNC, __restore_rt, -1, -1
	.section .note.GNU-stack, "", @progbits
