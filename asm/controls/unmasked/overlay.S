# A cancel handler that raises its signal again for later, as musl's does, but without blocking it in the interrupted
# context: sigreturn unblocks the signal, so it is delivered again before the next instruction, for ever.
#
# void cancel_handler(int sig, siginfo_t *info, void *context)

	# musl 1.2.3: the thread structure at %gs:0
	.set	TID, 0x18
	.set	CANCEL, 0x24
	.set	DISABLED, 0x28
	# ucontext_t on i386: mcontext at 20, its EIP is word 14; the mask follows its 88 bytes
	.set	UC_EIP, 20 + 4 * 14
	.set	SIGCANCEL, 33
	.set	NR_tkill, 238

	.text
	.globl	cancel_handler
	.type	cancel_handler, @function
cancel_handler:
	pushl	%ebx
	movl	16(%esp), %edx		# context
	movl	%gs:0, %ecx
	cmpl	$0, CANCEL(%ecx)
	je	9f
	cmpb	$0, DISABLED(%ecx)
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
	movl	$NR_tkill, %eax
	int	$0x80
9:	popl	%ebx
	ret
	.size	cancel_handler, . - cancel_handler
	.section .note.GNU-stack, "", @progbits
