# Code behind a return that inherits the row of the return. The code is asm/vdso/cfi-after-ret.S; its correct twin is assembled with FIXED.
	.ifdef FIXED
	.set WRONG, 0
	.else
	.set WRONG, 1
	.endif
	.include "cfi-after-ret.S"
