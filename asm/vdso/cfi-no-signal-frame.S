# A trampoline that is not marked as a signal's frame: an unwinder takes the interrupted address for a return address and
# looks up the byte before it, which may belong to another row or another function.
# Facts: in sigreturn.inc. 0x0f def_cfa_expression, 0x10 expression, 0x74 breg4 (esp), 6 deref.
	.macro saved reg, offset
	.cfi_escape 0x10, \reg, 3, 0x74, ((\offset) & 0x7f) | 0x80, (\offset) >> 7
	.endm

	.text
	.cfi_startproc simple
	.ifeq WRONG
	.cfi_signal_frame
	.endif
	.cfi_escape 0x0f, 4, 0x74, (188 & 0x7f) | 0x80, 188 >> 7, 6
	saved 0, 204
	saved 1, 200
	saved 2, 196
	saved 3, 192
	saved 5, 184
	saved 6, 180
	saved 7, 176
	saved 8, 216
	nop
	.globl __kernel_rt_sigreturn
	.type __kernel_rt_sigreturn, @function
__kernel_rt_sigreturn:
wrong:
	movl $173, %eax
	int $0x80
	nop
	.size __kernel_rt_sigreturn, . - __kernel_rt_sigreturn
	.cfi_endproc
