# Four registers are saved and every rule names EBX: the last one wins, and the other three are thought unchanged.
	.text
	.globl four
	.type four, @function
	.macro keep reg, named
	pushl %\reg
	.cfi_adjust_cfa_offset 4
	.if WRONG
	.cfi_rel_offset \named, 0
	.else
	.cfi_rel_offset \reg, 0
	.endif
	.endm
four:
	.cfi_startproc
	keep ebx, ebx
	keep esi, ebx
wrong:
	keep edi, ebx
	keep ebp, ebx
	xorl %ebx, %ebx
	popl %ebp
	.cfi_adjust_cfa_offset -4
	.cfi_restore ebp
	popl %edi
	.cfi_adjust_cfa_offset -4
	.cfi_restore edi
	popl %esi
	.cfi_adjust_cfa_offset -4
	.cfi_restore esi
	popl %ebx
	.cfi_adjust_cfa_offset -4
	.cfi_restore ebx
	ret
	.cfi_endproc
	.size four, . - four
