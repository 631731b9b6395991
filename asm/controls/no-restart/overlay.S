# pthread_cancel that installs the cancel handler without SA_RESTART: a call that the thread sleeps in fails with EINTR
# whether cancellation is enabled there or not.
#
# int pthread_cancel(pthread_t thread)

	.include "musl.inc"

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
	movl	$SYS_rt_sigaction, %eax
	int	$0x80
	addl	$20, %esp
	movl	12(%esp), %edx
	movl	$1, CANCEL(%edx)
	movl	TID(%edx), %ebx
	movl	$SIGCANCEL, %ecx
	movl	$SYS_tkill, %eax
	int	$0x80
	popl	%esi
	popl	%ebx
	ret
	.size	pthread_cancel, . - pthread_cancel
