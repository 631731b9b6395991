/*
 * A thread that waits for a byte, and is cancelled. It keeps what it was given in `kept`, so that whoever cancels it can tell
 * whether the byte got lost: it is in the pipe, or kept. The window is from `before_read` to `after_read`.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int channel[2];
static volatile int kept;

/* Functions of their own, that stay calls: places that have a name. */
__attribute__((noinline)) void before_read(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) void after_read(void)
{
	__asm__ volatile("");
}

static void *reader(void *unused)
{
	char byte;

	before_read();
	if (read(channel[0], &byte, 1) == 1)
		kept++;
	after_read();
	pthread_testcancel();
	return unused;
}

int main(void)
{
	pthread_t thread;
	void *result;
	int left;

	if (pipe(channel) || write(channel[1], "x", 1) != 1 || pthread_create(&thread, 0, reader, 0))
		return 1;
	if (pthread_cancel(thread) || pthread_join(thread, &result) || ioctl(channel[0], FIONREAD, &left))
		return 2;
	return left + kept == 1 ? 0 : 3;
}
