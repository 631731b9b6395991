# Acting on a cancellation runs the cleanup handlers with cancellation still enabled: a cancellation point in one of them is
# cancelled again. The cleanup list is a field of struct pthread; a node is function, argument, next.
	.include "musl.inc"
	.set	CLEANUPS, 0x44
	.text
	.globl	__cancel
	.type	__cancel, @function
__cancel:
	movl	%gs:0, %esi
	.ifdef FIXED
	movb	$1, CANCELDISABLE(%esi)
	.endif
	movb	$0, CANCELASYNC(%esi)
	andl	$-16, %esp
1:	movl	CLEANUPS(%esi), %eax
	testl	%eax, %eax
	jz	2f
	movl	8(%eax), %edx
	movl	%edx, CLEANUPS(%esi)
	subl	$12, %esp
	pushl	4(%eax)
	call	*(%eax)
	addl	$16, %esp
	jmp	1b
2:	subl	$12, %esp
	pushl	$-1			# PTHREAD_CANCELED
	call	__pthread_exit
	hlt
	.size	__cancel, . - __cancel
