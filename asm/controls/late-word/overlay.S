# pthread_cancel that sends the signal before it sets the cancel word: the handler may find nothing requested, and nobody
# comes back for the thread.
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
	pushl	$SA_SIGINFO | SA_RESTART
	pushl	$cancel_handler
	movl	$SIGCANCEL, %ebx
	movl	%esp, %ecx
	xorl	%edx, %edx
	movl	$SIGSET_SIZE, %esi
	movl	$SYS_rt_sigaction, %eax
	int	$0x80
	addl	$20, %esp
	movl	12(%esp), %edx
	movl	TID(%edx), %ebx
	movl	$SIGCANCEL, %ecx
	movl	$SYS_tkill, %eax
	int	$0x80
	movl	12(%esp), %edx
	movl	$1, CANCEL(%edx)	# where musl has it before the signal
	popl	%esi
	popl	%ebx
	ret
	.size	pthread_cancel, . - pthread_cancel
