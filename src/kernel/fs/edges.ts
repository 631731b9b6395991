import type { Kernel } from '../kernel.js';
import type { EpollInterest } from './types.js';

/**
 * Edge-triggered epoll (fs/eventpoll.c: ep_poll_callback): an interest is told again only after its file was woken. What
 * wakes a file is told here; an interest without EPOLLET is not concerned.
 */
export const EPOLLET = 0x80000000;

/** The events of an interest that a wake-up with data, with room for data, or by an end that is gone is about. */
const MEANT = { data: 0x41, room: 0x104, gone: 0xffff } as const;

/** `object` has data or room, or its other end is gone; null is nobody. */
export function wakeEdges(kernel: Kernel, object: number | null, what: keyof typeof MEANT): void {
  for (const epoll of kernel.state.objects) {
    if (epoll.kind !== 'epoll' || !epoll.interests.some((one) => one.fresh === false)) continue;
    epoll.interests = epoll.interests.map((interest) =>
      interest.fresh === false && concerns(kernel, interest, object, MEANT[what])
        ? { ...interest, fresh: true }
        : interest,
    );
  }
}

function concerns(
  kernel: Kernel,
  { file, events }: EpollInterest,
  object: number | null,
  meant: number,
): boolean {
  const target = kernel.state.openFiles.find(({ id }) => id === file);
  return target?.object === object && (events & meant) !== 0;
}
