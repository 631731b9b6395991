# The window of glibc's cancellation points from 2003 on: asynchronous cancellation is switched on, which acts at once on a
# request that is there, the call is made, and the former type comes back. Written over musl's point.
	.include "point.inc"
	.ifdef FIXED
	musl_point "int $0x80"
	.else
	point
	movl	20(%esp), %eax
__cp_begin:
	movl	%gs:0, %ecx
	movzbl	CANCELASYNC(%ecx), %edi
	pushl	%edi
	.cfi_adjust_cfa_offset 4
	movb	$1, CANCELASYNC(%ecx)
	cmpl	$0, (%eax)
	jne	1f
	movl	28(%esp), %eax
	movl	32(%esp), %ebx
	movl	36(%esp), %ecx
	movl	40(%esp), %edx
	movl	44(%esp), %esi
	movl	48(%esp), %edi
	movl	52(%esp), %ebp
	int	$0x80
	popl	%edi
	.cfi_adjust_cfa_offset -4
	movl	%gs:0, %ecx
	movl	%edi, %edx
	movb	%dl, CANCELASYNC(%ecx)
__cp_end:
	finish
	.cfi_adjust_cfa_offset 4
1:	addl	$4, %esp
	.cfi_adjust_cfa_offset -4
__cp_cancel:
	act
	end_point
	.endif
