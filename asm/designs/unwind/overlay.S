# The cancellation point of `unwind`: musl's, with the trap made through the vDSO (AT_SYSINFO) instead of `int $0x80`. It has
# the same labels as musl's; the handler in handler.c looks for them in the frame that called the vDSO, too.

	.include "point.inc"

	musl_point	"call *%gs:16"
