# The cancellation point and the SIGCANCEL handler of `vdso-helpers`. The point is musl's with the trap made through the vDSO
# (AT_SYSINFO); the handler asks the vDSO whether it has interrupted such a call and has it aborted: it then returns -EINTR,
# and musl's C code behind the point sees the pending cancellation, as after a real -EINTR. With TO_LABEL the handler sends it
# to the cancel label instead, where the stack is as at the return address.

	.include "point.inc"

	musl_point	"call *%gs:16"

# void cancel_handler(int sig, siginfo_t *info, ucontext_t *context)
# The vDSO's functions are found by name, as a C library does once at start; here the linker is given their addresses.
	.globl	cancel_handler
	.type	cancel_handler, @function
cancel_handler:
	movl	12(%esp), %edx
	movl	%gs:0, %eax
	cmpl	$0, CANCEL(%eax)
	je	4f
	cmpb	$DISABLED, CANCELDISABLE(%eax)
	je	4f
	orl	$1, UC_MASK_HIGH(%edx)
	cmpb	$0, CANCELASYNC(%eax)
	jne	3f
	movl	UC_EIP(%edx), %ecx
	cmpl	$__cp_begin, %ecx
	jb	1f
	cmpl	$__cp_end, %ecx
	jb	3f
1:	pushl	%edx
	call	__vdso_pending_syscall_return_address
	addl	$4, %esp
	cmpl	$__cp_end, %eax
	jne	2f
	pushl	12(%esp)
	call	__vdso_abort_pending_syscall
	addl	$4, %esp
	.ifdef TO_LABEL
	movl	12(%esp), %edx
	jmp	3f
	.endif
	ret
	# Somewhere else: again when what has been interrupted is over.
2:	pushl	%ebx
	movl	%gs:0, %eax
	movl	TID(%eax), %ebx
	movl	$SIGCANCEL, %ecx
	movl	$SYS_tkill, %eax
	int	$0x80
	popl	%ebx
	ret
3:	movl	$__cp_cancel, UC_EIP(%edx)
4:	ret
	.size	cancel_handler, . - cancel_handler
