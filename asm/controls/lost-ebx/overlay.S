# A cancellation point that throws the saved ebx away and returns with the call's first argument in it.

	.include "point.inc"

	point
	check
	arguments
	int	$0x80
__cp_end:
	.cfi_remember_state
	unsave	edi
	unsave	esi
	addl	$4, %esp		# where ebx was saved
	.cfi_adjust_cfa_offset -4
	unsave	ebp
	ret
	.cfi_restore_state
__cp_cancel:
	act
	end_point
