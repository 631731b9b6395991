# A signal with SA_FATAL ends even those sleeps that signals do not end, as SIGKILL does. That is all: where the signal
# arrives is still for the handler to find out, and it is musl's own, which compares EIP with [__cp_begin, __cp_end).
# With INLINE the trap is musl's int $0x80, else it is call *%gs:16.

	.include "point.inc"
	.include "pthread_cancel.inc"

	.set	SA_FATAL, 0x00400000

	.ifdef	INLINE
	musl_point	"int $0x80"
	.else
	musl_point	"call *%gs:16"
	.endif

	pthread_cancel_with	"SA_SIGINFO | SA_RESTART | SA_RESTORER | SA_FATAL"
