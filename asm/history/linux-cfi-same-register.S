# Four saves that all name the same register. The code is asm/vdso/cfi-same-register.S; its correct twin is assembled with FIXED.
	.ifdef FIXED
	.set WRONG, 0
	.else
	.set WRONG, 1
	.endif
	.include "cfi-same-register.S"
