# A cancel handler that acts wherever it strikes, as if every thread were of asynchronous type.
#
# void cancel_handler(int sig, siginfo_t *info, void *context)

	.include "musl.inc"

	.text
	.globl	cancel_handler
	.type	cancel_handler, @function
cancel_handler:
	movl	%gs:0, %ecx
	cmpl	$0, CANCEL(%ecx)
	je	1f
	cmpb	$0, CANCELDISABLE(%ecx)
	jne	1f
	andl	$-16, %esp		# never returns: the stack is ours
	call	__cancel
	hlt
1:	ret
	.size	cancel_handler, . - cancel_handler
