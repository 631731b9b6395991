# The mark by which the handler knows a pending call stays set after the return: code behind the call still counts as a
# call that has not begun. Rebuilt with labels: the range goes on behind the point's own return path.
	.include "point.inc"
	point
	check
	arguments
	int	$0x80
	.ifdef FIXED
__cp_end:
	.endif
	testl	%eax, %eax
	js	1f
	movl	%eax, %edx		# the caller's own work with the result
	movl	%edx, %eax
1:
	.ifndef FIXED
__cp_end:
	.endif
	finish
__cp_cancel:
	act
	end_point
