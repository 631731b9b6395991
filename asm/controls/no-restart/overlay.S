# pthread_cancel that installs the cancel handler without SA_RESTART: a call that the thread sleeps in fails with EINTR
# whether cancellation is enabled there or not.
#
# int pthread_cancel(pthread_t thread)

	# musl 1.2.3's thread structure
	.set	TID, 0x18
	.set	CANCEL, 0x24
	.set	SIGCANCEL, 33
	.set	SA_SIGINFO, 4
	.set	SIGSET_SIZE, 8
	.set	NR_rt_sigaction, 174
	.set	NR_tkill, 238

	.text
	.globl	pthread_cancel
	.type	pthread_cancel, @function
pthread_cancel:
	pushl	%ebx
	pushl	%esi
	pushl	$-1			# the kernel's struct sigaction, from its end: a mask of all signals
	pushl	$-1
	pushl	$0			# no restorer: the vDSO's is taken
	pushl	$SA_SIGINFO
	pushl	$cancel_handler
	movl	$SIGCANCEL, %ebx
	movl	%esp, %ecx
	xorl	%edx, %edx
	movl	$SIGSET_SIZE, %esi
	movl	$NR_rt_sigaction, %eax
	int	$0x80
	addl	$20, %esp
	movl	12(%esp), %edx
	movl	$1, CANCEL(%edx)
	movl	TID(%edx), %ebx
	movl	$SIGCANCEL, %ecx
	movl	$NR_tkill, %eax
	int	$0x80
	popl	%esi
	popl	%ebx
	ret
	.size	pthread_cancel, . - pthread_cancel
	.section .note.GNU-stack, "", @progbits
