# pthread_cancel sends its signal whatever the target's state, and the handler is installed without SA_RESTART: a thread that
# has cancellation disabled sees EINTR.
	.include "point.inc"
	.include "pthread_cancel.inc"
	.ifdef FIXED
	pthread_cancel_with "SA_SIGINFO | SA_RESTORER | SA_RESTART"
	.else
	pthread_cancel_with "SA_SIGINFO | SA_RESTORER"
	.endif
