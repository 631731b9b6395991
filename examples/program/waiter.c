/*
 * Waits until SIGUSR1 has come. Looking at the flag and then going to sleep is a mistake: a signal that comes between the two
 * is slept through. With -DFIXED the signal is blocked until the wait itself lets it in. The window is from `before_wait` to
 * `after_wait`.
 */
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t came;

static void note(int unused)
{
	(void)unused;
	came = 1;
}

__attribute__((noinline)) void before_wait(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) void after_wait(void)
{
	__asm__ volatile("");
}

int main(void)
{
	struct sigaction action = { .sa_handler = note };
	sigset_t usr1, before;

	if (sigaction(SIGUSR1, &action, 0) || sigemptyset(&usr1) || sigaddset(&usr1, SIGUSR1))
		return 1;
#ifdef FIXED
	if (sigprocmask(SIG_BLOCK, &usr1, &before))
		return 1;
	before_wait();
	while (!came)
		sigsuspend(&before);
#else
	(void)before;
	before_wait();
	while (!came)
		pause();
#endif
	after_wait();
	return 0;
}
