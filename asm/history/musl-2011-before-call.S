# A cancellation point that looks at the request and then enters the kernel; the handler knows only the call itself. A
# request between the two is put off, and the call goes to sleep.
	.include "point.inc"
	.ifdef FIXED
	musl_point "int $0x80"
	.else
	point
	movl	20(%esp), %eax
	cmpl	$0, (%eax)
	jne	__cp_cancel
	arguments
__cp_begin:
	int	$0x80
__cp_end:
	finish
__cp_cancel:
	act
	end_point
	.endif
