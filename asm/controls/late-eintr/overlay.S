# The library's entry to all cancellable calls, wrapped: a call that has completed is reported as interrupted when a
# cancellation has been requested meanwhile. The point and the handler stay the library's own.
#
# long __syscall_cp(long nr, long a, long b, long c, long d, long e, long f)

	.include "musl.inc"

	.text
	.globl	__syscall_cp
	.type	__syscall_cp, @function
__syscall_cp:
	.rept	7
	pushl	28(%esp)		# esp moves down with each push: seven times the last argument not yet copied
	.endr
	call	__syscall_cp_c
	addl	$28, %esp
	movl	%gs:0, %ecx
	cmpl	$0, CANCEL(%ecx)
	je	1f
	testl	%eax, %eax
	js	1f			# failed anyway
	movl	$-EINTR, %eax
1:	ret
	.size	__syscall_cp, . - __syscall_cp
