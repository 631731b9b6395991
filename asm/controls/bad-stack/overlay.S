# A cancellation point whose cancel path forgets one saved register and returns through it: ebx is no address of code.

	.include "point.inc"

	.text
	.globl	__syscall_cp_asm, __cp_begin, __cp_end, __cp_cancel
	.hidden	__syscall_cp_asm, __cp_begin, __cp_end, __cp_cancel
	.type	__syscall_cp_asm, @function
__syscall_cp_asm:
	.cfi_startproc
	.irp	reg, ebx, ebp, esi, edi
	save	\reg
	.endr
	check
	arguments
	int	$0x80
__cp_end:
	.cfi_remember_state
	.irp	reg, edi, esi, ebp, ebx
	unsave	\reg
	.endr
	ret
	.cfi_restore_state
__cp_cancel:
	.irp	reg, edi, esi, ebp
	unsave	\reg
	.endr
	ret
	end_point
