# An offset that is set where it should be added. The code is asm/vdso/cfi-def-for-adjust.S; its correct twin is assembled with FIXED.
	.ifdef FIXED
	.set WRONG, 0
	.else
	.set WRONG, 1
	.endif
	.include "cfi-def-for-adjust.S"
