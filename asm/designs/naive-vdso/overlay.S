# The naive way through the vDSO: musl's cancellation point in which the trap is `call *%gs:16` (AT_SYSINFO) instead of
# `int $0x80`. The handler still compares the interrupted EIP with [__cp_begin, __cp_end).

	.include "point.inc"

	musl_point	"call *%gs:16"
