# A cancellation point that never looks at the cancel word: only its handler can still cancel the call.
#
# long __syscall_cp_asm(volatile int *cancel, long nr, long a, long b, long c, long d, long e, long f)

	.text
	.globl	__syscall_cp_asm, __cp_begin, __cp_end, __cp_cancel
	.type	__syscall_cp_asm, @function
__syscall_cp_asm:
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
__cp_begin:
	movl	24(%esp), %eax
	movl	28(%esp), %ebx
	movl	32(%esp), %ecx
	movl	36(%esp), %edx
	movl	40(%esp), %esi
	movl	44(%esp), %edi
	movl	48(%esp), %ebp
	int	$0x80
__cp_end:
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret
__cp_cancel:
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	jmp	__cancel
	.size	__syscall_cp_asm, . - __syscall_cp_asm
	.section .note.GNU-stack, "", @progbits
