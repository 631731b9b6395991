# A cancellation point whose range ends one instruction too late: a call that has completed still counts as pending, with its
# result in eax.

	.include "point.inc"

	musl_point	"int $0x80; nop"
