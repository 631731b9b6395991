# A cancel handler that raises its signal again for later, as musl's does, but without blocking it in the interrupted
# context: sigreturn unblocks the signal, so it is delivered again before the next instruction, for ever.
#
# void cancel_handler(int sig, siginfo_t *info, void *context)

	.include "musl.inc"

	.text
	.globl	cancel_handler
	.type	cancel_handler, @function
cancel_handler:
	pushl	%ebx
	movl	16(%esp), %edx		# context
	movl	%gs:0, %ecx
	cmpl	$0, CANCEL(%ecx)
	je	9f
	cmpb	$0, CANCELDISABLE(%ecx)
	jne	9f
	movl	UC_EIP(%edx), %eax
	cmpl	$__cp_begin, %eax
	jb	1f
	cmpl	$__cp_end, %eax
	jae	1f
	movl	$__cp_cancel, UC_EIP(%edx)
	jmp	9f
1:	movl	TID(%ecx), %ebx
	movl	$SIGCANCEL, %ecx
	movl	$SYS_tkill, %eax
	int	$0x80
9:	popl	%ebx
	ret
	.size	cancel_handler, . - cancel_handler
