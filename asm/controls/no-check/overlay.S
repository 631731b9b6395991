# A cancellation point that never looks at the cancel word: only its handler can still cancel the call.

	.include "point.inc"

	point
__cp_begin:
	arguments
	int	$0x80
__cp_end:
	finish
__cp_cancel:
	act
	end_point
