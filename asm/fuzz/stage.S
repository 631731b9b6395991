# The program that `sigsweep fuzz` plays its cases on: every way into the kernel, a handler, and memory of every kind to
# put the stack into. The model is set up from outside at `ready`; a real process sets itself up by the list at `script`.

	.equ ZONE, 0x40000000
	.equ PAGE, 4096
	.equ AT_SYSINFO, 32

	.text
	.globl _start, ready, prepared, by_vdso, by_int80, by_syscall, by_sysenter, after_vdso, after_int80, handler, quiet
_start:
	mov %esp, %esi
	mov (%esi), %eax
	lea 8(%esi,%eax,4), %esi
1:	lodsl
	test %eax, %eax
	jnz 1b
2:	lodsl
	cmp $AT_SYSINFO, %eax
	lodsl
	jne 2b
	mov %eax, entry
	# pipe2(desk, 0): descriptors 3 and 4
	mov $331, %eax
	mov $desk, %ebx
	xor %ecx, %ecx
	int $0x80
	# mmap2(ZONE, 6 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0)
	mov $192, %eax
	mov $ZONE, %ebx
	mov $6 * PAGE, %ecx
	mov $3, %edx
	mov $0x32, %esi
	mov $-1, %edi
	xor %ebp, %ebp
	int $0x80
	# mprotect: the first page has no access, the last one is for reading
	mov $125, %eax
	mov $PAGE, %ecx
	xor %edx, %edx
	int $0x80
	mov $125, %eax
	mov $ZONE + 5 * PAGE, %ebx
	mov $1, %edx
	int $0x80
ready:
	# A list of calls {number, ebx, ecx} with edx = 0 and esi = 8, up to a negative number.
	mov $script, %ebp
3:	mov (%ebp), %eax
	test %eax, %eax
	js prepared
	mov 4(%ebp), %ebx
	mov 8(%ebp), %ecx
	xor %edx, %edx
	mov $8, %esi
	int $0x80
	add $12, %ebp
	jmp 3b
prepared:
	# Registers are set from outside.
	ud2

by_vdso:
	call *entry
after_vdso:
	nop
	jmp finish
by_int80:
	int $0x80
after_int80:
	nop
	jmp finish
	# A fast instruction outside of the vDSO: the kernel returns to the vDSO's landing pad all the same.
by_syscall:
	syscall
	ud2
by_sysenter:
	sysenter
	ud2
finish:
	mov $1, %eax
	xor %ebx, %ebx
	int $0x80

	# Code that does nothing, for signals to interrupt.
quiet:
	nop
	nop
	nop
	nop
	jmp quiet

handler:
	nop
	nop
	ret

	.data
	.balign PAGE
	.globl desk, buffer, short_time, no_time, can_read, can_write, no_signals, some_signals, word, sixth
desk:	.long 0, 0
buffer:	.fill 184, 1, 0x5a
short_time: .long 0, 1000000
no_time: .long 0, 0
can_read: .long 3, 1
can_write: .long 4, 4
no_signals: .long 0, 0
some_signals: .long 0x00000a00, 0x80000002
word:	.long 0
sixth:	.long some_signals, 8
	.balign 16
	.globl entry, script, structs
entry:	.long 0
script:	.long -1
	.fill 95, 4, 0
	# What the calls of the script point to.
structs: .fill 192, 4, 0
	.balign PAGE
	.globl other_stack
other_stack: .fill 2 * PAGE, 1, 0
