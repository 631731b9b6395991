# A cancellation point with the labels that musl's handler knows.
	.text
	.globl __syscall_cp_asm, __cp_begin, __cp_end, __cp_cancel
	.type __syscall_cp_asm, @function
__syscall_cp_asm:
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	movl 20(%esp), %ecx
__cp_begin:
	movl (%ecx), %eax
	testl %eax, %eax
	jnz __cp_cancel
	movl 24(%esp), %eax
	movl 28(%esp), %ebx
	movl 32(%esp), %ecx
	movl 36(%esp), %edx
	movl 40(%esp), %esi
	movl 44(%esp), %edi
	movl 48(%esp), %ebp
	int $0x80
__cp_end:
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	ret
__cp_cancel:
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	jmp __cancel
