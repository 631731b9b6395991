# An offset written in decimal digits with a hexadecimal prefix. The code is asm/vdso/cfi-offset-hex.S; its correct twin is assembled with FIXED.
	.ifdef FIXED
	.set WRONG, 0
	.else
	.set WRONG, 1
	.endif
	.include "cfi-offset-hex.S"
