# A signal that sticks: the handler returns, and until it is cleared every call that would wait returns -EINTR at once. What
# the proposal leaves to the C library is switched by symbols, so that each can be taken away:
#   DISABLED_STICKS  the handler does not clear the signal when cancellation is disabled
#   STATE_STICKS     pthread_setcancelstate(DISABLE) does not clear it
#   ACT_STICKS       it is not cleared before the cleanup handlers run
#   HANDLER_MASKS    the handler adds the signal to the mask that sigreturn will restore
#   HANDLER_CLEARS   the handler clears it in any case
#   NO_SA_RESTART    the signal's action has no SA_RESTART

	.include "point.inc"
	.include "pthread_cancel.inc"

	.set	SYS_cancelctl, 0x43430000
	.set	CANCELLABLE, 0x20000000
	.set	CANCELCTL_UNSTICK, 3
	.set	SA_STICKY, 0x00100000
	.ifdef	NO_SA_RESTART
	.set	FLAGS, SA_SIGINFO | SA_RESTORER | SA_STICKY
	.else
	.set	FLAGS, SA_SIGINFO | SA_RESTART | SA_RESTORER | SA_STICKY
	.endif

	point
	check
	movl	24(%esp), %eax
	orl	$CANCELLABLE, %eax
	registers
	call	*%gs:16
__cp_end:
	finish_unless_interrupted
__cp_cancel:
	.ifndef	ACT_STICKS
	call	unstick
	.endif
	act
	end_point

# Clears the signal in this thread. Only eax, ecx and edx change.
	.globl	unstick
	.hidden	unstick
	.type	unstick, @function
unstick:
	.cfi_startproc
	save	ebx
	movl	$SYS_cancelctl, %eax
	movl	$CANCELCTL_UNSTICK, %ebx
	movl	$SIGCANCEL, %ecx
	call	*%gs:16
	unsave	ebx
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

	pthread_cancel_with	FLAGS
