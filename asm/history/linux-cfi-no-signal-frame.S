# A signal's return trampoline that is not marked as one. The code is asm/vdso/cfi-no-signal-frame.S; its correct twin is assembled with FIXED.
	.ifdef FIXED
	.set WRONG, 0
	.else
	.set WRONG, 1
	.endif
	.include "cfi-no-signal-frame.S"
