# musl's point with the call through AT_SYSINFO and its handler as it is: while EIP is in the vDSO the handler cannot tell a
# pending call. Why the i386 libraries stay with int $0x80, and what the discussion of 2016 was about.
	.include "point.inc"
	.ifdef FIXED
	musl_point "int $0x80"
	.else
	musl_point "call *%gs:16"
	.endif
