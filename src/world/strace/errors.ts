import { errorName, type errno as numbers, type restart } from '../../kernel/abi/errno.js';

/** What a result means, in our words: the number after `=` in a log line. */
const errors: Readonly<Partial<Record<keyof typeof numbers, string>>> = {
  EPERM: 'not allowed',
  ENOENT: 'no such path',
  ESRCH: 'no such thread or process',
  EINTR: 'a signal handler ran',
  EBADF: 'not an open descriptor',
  ECHILD: 'no child to wait for',
  EAGAIN: 'would have to wait, or the value changed',
  ENOMEM: 'no room',
  EACCES: 'access refused',
  EFAULT: 'bad address',
  EEXIST: 'exists already',
  ENOTDIR: 'not a directory',
  EISDIR: 'a directory',
  EINVAL: 'bad argument',
  EMFILE: 'too many open files',
  ENOTTY: 'not a terminal',
  ENOSPC: 'device is full',
  ESPIPE: 'cannot seek',
  EPIPE: 'nobody reads',
  ERANGE: 'too small',
  EDEADLK: 'would wait for itself',
  ENOSYS: 'no such call',
  ENOTSOCK: 'not a socket',
  ENOTCONN: 'not connected',
  ETIMEDOUT: 'time is over',
};

const restarts: Readonly<Record<keyof typeof restart, string>> = {
  ERESTARTSYS: 'again after a handler with SA_RESTART',
  ERESTARTNOINTR: 'again in any case',
  ERESTARTNOHAND: 'again unless a handler runs',
  ERESTART_RESTARTBLOCK: 'continued by restart_syscall unless a handler runs',
};

const MAX_ERRNO = 4095;

function lookUp(table: object, name: string): string | undefined {
  return Object.entries(table).find(([key]) => key === name)?.[1];
}

/** `-1 EAGAIN (…)`, `? ERESTARTSYS (…)`, or the number; addresses in hexadecimal. */
export function resultText(value: number, isAddress: boolean): string {
  if (value < 0 && value >= -MAX_ERRNO) {
    const name = errorName(-value);
    const restarting = lookUp(restarts, name);
    if (restarting !== undefined) return `? ${name} (${restarting})`;
    const text = lookUp(errors, name);
    return `-1 ${name}${text === undefined ? '' : ` (${text})`}`;
  }
  return isAddress ? `0x${(value >>> 0).toString(16)}` : `${value}`;
}
