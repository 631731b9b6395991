# A cancellation point around which cancellation is asynchronous: between the kernel's return and the end of the window a
# request is acted on although the call has done its work.
	.include "point.inc"
	.ifdef FIXED
	musl_point "int $0x80"
	.else
	point
	check
	movl	%gs:0, %ecx
	movb	$1, CANCELASYNC(%ecx)
	arguments
	int	$0x80
__cp_end:
	movl	%gs:0, %ecx
	movb	$0, CANCELASYNC(%ecx)
	finish
__cp_cancel:
	act
	end_point
	.endif
