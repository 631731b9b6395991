# 2002 - 2015, CPUs without sysenter: the software interrupt and nothing else. Returns to +2.
	.include "vsyscall.inc"
	vsyscall_begin
	int $0x80
	ret
	vsyscall_end
	.include "sigreturn.inc"
