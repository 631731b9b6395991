# The two functions that the RFC adds to the vDSO, linked into a copy of the image; they work wherever it is mapped.
# unsigned long __vdso_pending_syscall_return_address(const ucontext_t *context)
#	where the interrupted call through AT_SYSINFO returns to if it has not been made yet, else -1
# long __vdso_abort_pending_syscall(ucontext_t *context)
#	0 with the context as if that call had returned -EINTR, other registers destroyed; -EINVAL if there is none
#
# Labels from the image and its build: __kernel_vsyscall; vsyscall_pending, the bytes from there to the landing pad;
# vsyscall_depth, for each of them how many bytes the code before it has pushed.
# ucontext_t: edi 36, esi 40, ebp 44, esp 48, ebx 52, edx 56, ecx 60, eax 64, eip 76.

	.set	EINTR, 4
	.set	EINVAL, 22

	.text
	.globl	__vdso_pending_syscall_return_address
	.type	__vdso_pending_syscall_return_address, @function
__vdso_pending_syscall_return_address:
	movl	4(%esp), %eax
	call	return_address_place
	testl	%eax, %eax
	jz	1f
	movl	(%eax), %eax
	ret
1:	decl	%eax
	ret
	.size	__vdso_pending_syscall_return_address, . - __vdso_pending_syscall_return_address

	.globl	__vdso_abort_pending_syscall
	.type	__vdso_abort_pending_syscall, @function
__vdso_abort_pending_syscall:
	movl	4(%esp), %eax
	call	return_address_place
	testl	%eax, %eax
	jz	1f
	movl	4(%esp), %edx
	movl	(%eax), %ecx
	addl	$4, %eax
	movl	%ecx, 76(%edx)
	movl	%eax, 48(%edx)
	movl	$-EINTR, 64(%edx)
	# Nobody shall rely on what the others are.
	orl	$-1, %eax
	movl	%eax, 36(%edx)
	movl	%eax, 40(%edx)
	movl	%eax, 44(%edx)
	movl	%eax, 52(%edx)
	movl	%eax, 56(%edx)
	movl	%eax, 60(%edx)
	xorl	%eax, %eax
	ret
1:	movl	$-EINVAL, %eax
	ret
	.size	__vdso_abort_pending_syscall, . - __vdso_abort_pending_syscall

# The context in eax; there, where its call's return address lies, or 0.
	.type	return_address_place, @function
return_address_place:
	movl	76(%eax), %edx
	call	1f
1:	popl	%ecx
	subl	%ecx, %edx
	subl	$__kernel_vsyscall - 1b, %edx
	cmpl	$vsyscall_pending, %edx
	jae	2f
	movzbl	vsyscall_depth - 1b(%ecx, %edx), %ecx
	movl	48(%eax), %eax
	addl	%ecx, %eax
	ret
2:	xorl	%eax, %eax
	ret
	.size	return_address_place, . - return_address_place
