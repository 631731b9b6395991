# A signal that sticks: the handler returns, and until it is cleared every call that would wait returns -EINTR at once. What
# the proposal leaves to the C library is switched by symbols, so that each can be taken away:
#   DISABLED_STICKS  the handler does not clear the signal when cancellation is disabled
#   STATE_STICKS     pthread_setcancelstate(DISABLE) does not clear it
#   ACT_STICKS       it is not cleared before the cleanup handlers run
#   HANDLER_MASKS    the handler adds the signal to the mask that sigreturn will restore
#   HANDLER_CLEARS   the handler clears it in any case
#   NO_SA_RESTART    the signal's action has no SA_RESTART
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
	.set	CANCELCTL_UNSTICK, 3
	.set	SA_STICKY, 0x00100000
	.ifdef	NO_SA_RESTART
	.set	FLAGS, SA_SIGINFO | SA_RESTORER | SA_STICKY
	.else
	.set	FLAGS, SA_SIGINFO | SA_RESTART | SA_RESTORER | SA_STICKY
	.endif

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
	orl	$CANCELLABLE, %eax
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
	.ifndef	ACT_STICKS
	call	unstick
	.endif
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

# Clears the signal in this thread. Only eax, ecx and edx change.
	.globl	unstick
	.hidden	unstick
	.type	unstick, @function
unstick:
	.cfi_startproc
	pushl	%ebx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebx, 0
	movl	$SYS_cancelctl, %eax
	movl	$CANCELCTL_UNSTICK, %ebx
	movl	$SIGCANCEL, %ecx
	call	*%gs:16
	popl	%ebx
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebx
	ret
	.cfi_endproc
	.size	unstick, . - unstick

# void cancel_handler(int, siginfo_t *, void *ucontext)
	.globl	cancel_handler
	.type	cancel_handler, @function
cancel_handler:
	.cfi_startproc
	movl	%gs:0, %eax
	cmpl	$0, CANCEL(%eax)
	je	1f
	cmpb	$DISABLED, CANCELDISABLE(%eax)
	je	1f
	movl	12(%esp), %edx
	.ifdef	HANDLER_MASKS
	orl	$1, UC_MASK_HIGH(%edx)
	.endif
	cmpb	$0, CANCELASYNC(%eax)
	jne	2f
	.ifdef	HANDLER_CLEARS
	jmp	unstick
	.endif
	ret
1:
	.ifndef	DISABLED_STICKS
	jmp	unstick
	.endif
	ret
2:	movl	$__cp_cancel, UC_EIP(%edx)
	ret
	.cfi_endproc
	.size	cancel_handler, . - cancel_handler

	.ifndef	ACT_STICKS
# void __testcancel(void): acts on what was requested; the signal may stick here too.
	.globl	__testcancel
	.hidden	__testcancel
	.type	__testcancel, @function
__testcancel:
	.cfi_startproc
	movl	%gs:0, %eax
	cmpl	$0, CANCEL(%eax)
	je	1f
	cmpb	$0, CANCELDISABLE(%eax)
	jne	1f
	call	unstick
	jmp	__cancel
1:	ret
	.cfi_endproc
	.size	__testcancel, . - __testcancel
	.endif

	.ifndef	STATE_STICKS
# int __pthread_setcancelstate(int state, int *old): disabled first, then cleared, or the signal could stick in between. To
# enable needs nothing: the next point looks at the cancel word.
	.globl	__pthread_setcancelstate
	.hidden	__pthread_setcancelstate
	.type	__pthread_setcancelstate, @function
__pthread_setcancelstate:
	.cfi_startproc
	movl	4(%esp), %eax
	cmpl	$2, %eax
	ja	3f
	movl	8(%esp), %ecx
	testl	%ecx, %ecx
	je	1f
	movzbl	%gs:CANCELDISABLE, %edx
	movl	%edx, (%ecx)
1:	movb	%al, %gs:CANCELDISABLE
	cmpl	$DISABLED, %eax
	jne	2f
	call	unstick
2:	xorl	%eax, %eax
	ret
3:	movl	$22, %eax
	ret
	.cfi_endproc
	.size	__pthread_setcancelstate, . - __pthread_setcancelstate
	.endif

# int pthread_cancel(pthread_t): musl's, but for the flag SA_STICKY. The action is set every time: nothing here is writable.
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
	.long	cancel_handler, FLAGS, __restore_rt, -1, -1
	.section .note.GNU-stack, "", @progbits
