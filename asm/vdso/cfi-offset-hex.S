# After one pop the CFA is 0x0c above ESP; the description was written as 0x12, decimal digits with a hexadecimal prefix.
	.include "vsyscall.inc"
	vsyscall_begin
	save ecx
	save edx
	save ebp
	int $0x80
	popl %ebp
	.if WRONG
	.cfi_def_cfa_offset 0x12
	.else
	.cfi_def_cfa_offset 0x0c
	.endif
	.cfi_restore ebp
wrong:
	popl %edx
	.cfi_def_cfa_offset 8
	.cfi_restore edx
	popl %ecx
	.cfi_def_cfa_offset 4
	.cfi_restore ecx
	ret
	vsyscall_end
