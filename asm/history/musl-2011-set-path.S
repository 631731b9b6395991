# The path of a request that was there before the call leaves by another stack than it came with. (In musl it was the
# x86-64 file; here the same slip in the i386 one.)
	.include "point.inc"
	point
	check
	arguments
	int	$0x80
__cp_end:
	finish
__cp_cancel:
	.ifdef FIXED
	act
	.else
	unsave	edi
	unsave	esi
	unsave	ebx
	jmp	__cancel
	.endif
	end_point
