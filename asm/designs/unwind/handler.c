/*
 * SIGCANCEL's handler of `unwind`, in place of musl's cancel_handler. When the interrupted EIP is in the vDSO it unwinds
 * one frame with the image's own description and asks whether the vDSO was called from the cancellation point, and, as no
 * description tells, whether the trap is still ahead. CFI_ONLY leaves the last question out.
 * SOURCE: struct pthread and struct __libc of musl 1.2 (pthread_impl.h, libc.h); ucontext of the i386 kernel ABI.
 */
#include "cfi.h"
#ifndef CFI_ONLY
#include "code.h"
#endif

enum { SIGCANCEL = 33, SYS_tkill = 238, AT_SYSINFO_EHDR = 33, CANCEL_DISABLE = 1 };
/* Offsets in struct pthread. */
enum { P_TID = 0x18, P_CANCEL = 0x24, P_CANCELDISABLE = 0x28, P_CANCELASYNC = 0x29 };
/* Offsets in ucontext_t: 18 words of registers, of which those an unwinder knows; the signal mask. */
enum { UC_REGS = 20, UC_SIGMASK = 108 };
/* Index among the 19 words at UC_REGS of eax ecx edx ebx esp ebp esi edi eip: the order of DWARF numbers. */
static const byte context_index[REGISTERS] = { 11, 10, 9, 8, 7, 6, 5, 4, 14 };

extern const byte __cp_begin[], __cp_end[], __cp_cancel[];
extern const struct {
	byte flags[4];
	int threads_minus_1;
	const word *auxv;
} __libc;

static const byte *vdso_image(void)
{
	for (const word *aux = __libc.auxv; aux[0]; aux += 2)
		if (aux[0] == AT_SYSINFO_EHDR)
			return (const byte *)aux[1];
	return 0;
}

static int in_point(word address)
{
	return address >= (word)__cp_begin && address < (word)__cp_end;
}

/* The frame of the cancellation point if that has called the vDSO and the call can still be left out. */
static int pending_in_vdso(word regs[REGISTERS])
{
	const byte *image = vdso_image();
	const byte *eip = (const byte *)regs[EIP];
	struct function function;

	if (!image || !find_function(image, eip, &function) || !unwind_frame(&function, regs))
		return 0;
	/* A return address is the place after the call. */
	if (!in_point(regs[EIP] - 1))
		return 0;
#ifdef CFI_ONLY
	return 1;
#else
	return trap_is_ahead(eip, function.end);
#endif
}

static long tkill(word tid, int sig)
{
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "0"(SYS_tkill), "b"(tid), "c"(sig) : "memory");
	return result;
}

void cancel_handler(int sig, void *info, byte *context)
{
	const volatile byte *self;
	word *saved = (word *)(context + UC_REGS);
	word regs[REGISTERS];

	(void)sig;
	(void)info;
	__asm__("movl %%gs:0, %0" : "=r"(self));
	if (!*(const volatile word *)(self + P_CANCEL) || self[P_CANCELDISABLE] == CANCEL_DISABLE)
		return;
	((word *)(context + UC_SIGMASK))[(SIGCANCEL - 1) / 32] |= 1u << (SIGCANCEL - 1) % 32;

	for (int i = 0; i < REGISTERS; i++)
		regs[i] = saved[context_index[i]];
	if (self[P_CANCELASYNC] || in_point(regs[EIP]) || pending_in_vdso(regs)) {
		regs[EIP] = (word)__cp_cancel;
		for (int i = 0; i < REGISTERS; i++)
			saved[context_index[i]] = regs[i];
		return;
	}
	tkill(*(const volatile word *)(self + P_TID), SIGCANCEL);
}
