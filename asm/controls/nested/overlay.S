# A cancel handler that lets its own signal in while it runs: it unblocks the signal and raises it again at once. The
# second, inner run knows itself by the interrupted EIP and stops there, so the nesting ends; the cancel word is left for
# the point to find.
#
# void cancel_handler(int sig, siginfo_t *info, void *context)

	.include "musl.inc"

	.text
	.globl	cancel_handler
	.type	cancel_handler, @function
cancel_handler:
	pushl	%ebx
	pushl	%esi
	movl	20(%esp), %edx		# context
	movl	%gs:0, %ecx
	cmpl	$0, CANCEL(%ecx)
	je	9f
	cmpb	$0, CANCELDISABLE(%ecx)
	jne	9f
	movl	UC_EIP(%edx), %eax
	cmpl	$cancel_handler, %eax
	jb	1f
	cmpl	$cancel_handler_end, %eax
	jb	9f
1:	cmpl	$__cp_begin, %eax
	jb	2f
	cmpl	$__cp_end, %eax
	jae	2f
	movl	$__cp_cancel, UC_EIP(%edx)
	jmp	9f
2:	orl	$1 << (SIGCANCEL - 33), UC_MASK_HIGH(%edx)
	pushl	$1 << (SIGCANCEL - 33)
	pushl	$0			# a set with the one signal
	movl	$SIG_UNBLOCK, %ebx
	movl	%esp, %ecx
	xorl	%edx, %edx
	movl	$SIGSET_SIZE, %esi
	movl	$SYS_rt_sigprocmask, %eax
	int	$0x80
	addl	$8, %esp
	movl	%gs:0, %ecx
	movl	TID(%ecx), %ebx
	movl	$SIGCANCEL, %ecx
	movl	$SYS_tkill, %eax
	int	$0x80
9:	popl	%esi
	popl	%ebx
	ret
cancel_handler_end:
	.size	cancel_handler, . - cancel_handler
