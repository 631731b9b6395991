# A flag in the kernel instead of a signal: pthread_cancel sets it for the thread, and a call whose number carries the bit
# CANCELLABLE returns -EINTR without acting while it is set. The point has nothing to check and no handler to fear.

	.include "point.inc"

	.set	SYS_cancelctl, 0x43430000
	.set	CANCELLABLE, 0x20000000
	.set	CANCELCTL_SET, 1

	point
__cp_begin:
	movl	24(%esp), %eax
# close() must act: its caller never learns of -EINTR, and the descriptor would stay open.
	cmpl	$SYS_close, %eax
	je	3f
	orl	$CANCELLABLE, %eax
3:	registers
	call	*%gs:16
__cp_end:
	finish_unless_interrupted
__cp_cancel:
	act
	end_point

# int pthread_cancel(pthread_t): the word for the C library, then the flag for the kernel. No signal is sent, so a thread
# that computes is never disturbed, of asynchronous type or not.
	.globl	pthread_cancel
	.type	pthread_cancel, @function
pthread_cancel:
	.cfi_startproc
	save	ebx
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
	unsave	ebx
	ret
2:	.cfi_restore_state
	call	__cancel
	hlt
	.cfi_endproc
	.size	pthread_cancel, . - pthread_cancel
