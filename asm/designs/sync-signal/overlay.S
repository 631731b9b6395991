# A signal that comes only at the entry of a system call, or out of a call it has interrupted: wherever the handler runs, the
# interrupted call has done nothing. It remains to tell whether it is the cancellation point's: then its return address,
# __cp_end, is among the first words on the stack, below what the vDSO has saved (none, one or three registers).

	.include "point.inc"
	.include "pthread_cancel.inc"

	.set	SA_SYNC, 0x00200000

	point
	check
	arguments
	call	*%gs:16
__cp_end:
	finish_unless_interrupted
__cp_cancel:
	act
	end_point

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

	pthread_cancel_with	"SA_SIGINFO | SA_RESTART | SA_RESTORER | SA_SYNC"
