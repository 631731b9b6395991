# The description forgets where ebp is after its push. The code is asm/vdso/cfi-ebp-save.S; its correct twin is assembled with FIXED.
	.ifdef FIXED
	.set WRONG, 0
	.else
	.set WRONG, 1
	.endif
	.include "cfi-ebp-save.S"
