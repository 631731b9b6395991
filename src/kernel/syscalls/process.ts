import { errno } from '../abi/errno.js';
import { findTask, isAlive, processOf } from '../kernel.js';
import { done, type Handler, REPLACED } from '../outcome.js';
import { exitGroup, exitThread } from '../task/exit.js';
import { loadTls, setThreadArea } from '../task/tls.js';
import { writeUser, writeUserU32 } from '../user.js';
import { define, type Syscall } from './define.js';

/** Identity and ends of threads and processes. One user, root, as in a container. */
/** uid_t or gid_t of the first calls has 16 bits: ids that do not fit are overflowuid (kernel/uid16.c). */
const OVERFLOW_ID = 65534;
const id16 = (id: number): number => (id > 0xffff ? OVERFLOW_ID : id);
const uid: Handler = ({ config }) => done(config.user.uid);
const gid: Handler = ({ config }) => done(config.user.gid);
const uid16: Handler = ({ config }) => done(id16(config.user.uid));
const gid16: Handler = ({ config }) => done(id16(config.user.gid));

const setThreadAreaCall: Handler = (kernel, task, { args }) => {
  const result = setThreadArea(kernel, task, task, args[0], true);
  if (result === 0) loadTls(kernel, task);
  return done(result);
};

const setRobustList: Handler = (_kernel, task, { args }) => {
  const HEAD_SIZE = 12;
  if (args[1] !== HEAD_SIZE) return done(-errno.EINVAL);
  task.robustList = args[0];
  return done(0);
};

/** The head and its size, of this thread or another. */
const getRobustList: Handler = (kernel, task, { args }) => {
  const HEAD_SIZE = 12;
  const target = args[0] === 0 ? task : findTask(kernel, args[0]);
  if (target === undefined || !isAlive(target)) return done(-errno.ESRCH);
  const written =
    writeUserU32(kernel, task, args[2], HEAD_SIZE) && writeUserU32(kernel, task, args[1], target.robustList);
  return done(written ? 0 : -errno.EFAULT);
};

const UTSNAME = ['Linux', 'sigsweep', '6.1.0', '#1 SMP', 'i686', '(none)'];
const UTS_FIELD = 65;

const uname: Handler = (kernel, task, { args }) => {
  const bytes = Buffer.alloc(UTS_FIELD * UTSNAME.length);
  UTSNAME.forEach((text, i) => {
    bytes.write(text, i * UTS_FIELD, 'latin1');
  });
  return done(writeUser(kernel, task, args[0], bytes) ? 0 : -errno.EFAULT);
};

const PRIORITY_OF_NICE_0 = 20;

export const processSyscalls: readonly Syscall[] = [
  define(1, 'exit', ['int'], (kernel, task, { args }) => {
    exitThread(kernel, task, args[0] | 0);
    return REPLACED;
  }),
  define(252, 'exit_group', ['int'], (kernel, task, { args }) => {
    exitGroup(kernel, task, args[0] | 0);
    return REPLACED;
  }),
  define(243, 'set_thread_area', ['pointer'], setThreadAreaCall),
  define(258, 'set_tid_address', ['pointer'], (_kernel, task, { args }) => {
    task.clearChildTid = args[0];
    return done(task.tid);
  }),
  define(311, 'set_robust_list', ['pointer', 'uint'], setRobustList),
  define(312, 'get_robust_list', ['int', 'pointer', 'pointer'], getRobustList),
  define(386, 'rseq', ['pointer', 'uint', 'int', 'hex'], () => done(-errno.ENOSYS)),
  define(20, 'getpid', [], (_kernel, task) => done(task.pid)),
  define(224, 'gettid', [], (_kernel, task) => done(task.tid)),
  define(64, 'getppid', [], (kernel, task) => done(processOf(kernel, task).parent)),
  define(199, 'getuid32', [], uid),
  define(200, 'getgid32', [], gid),
  define(201, 'geteuid32', [], uid),
  define(202, 'getegid32', [], gid),
  define(24, 'getuid', [], uid16),
  define(47, 'getgid', [], gid16),
  define(49, 'geteuid', [], uid16),
  define(50, 'getegid', [], gid16),
  define(60, 'umask', ['mode'], (kernel, task, { args }) => {
    const process = processOf(kernel, task);
    const old = process.umask;
    process.umask = args[0] & 0o777;
    return done(old);
  }),
  define(122, 'uname', ['pointer'], uname),
  define(96, 'getpriority', ['int', 'int'], () => done(PRIORITY_OF_NICE_0)),
  define(157, 'sched_getscheduler', ['int'], (kernel, _task, { args }) => existing(kernel, args[0])),
  define(155, 'sched_getparam', ['int', 'pointer'], (kernel, task, { args }) =>
    done(writeUser(kernel, task, args[1], new Uint8Array(4)) ? 0 : -errno.EFAULT),
  ),
  define(158, 'sched_yield', [], (_kernel, task) => {
    task.yielded = true;
    return done(0);
  }),
  define(159, 'sched_get_priority_max', ['int'], (_kernel, _task, { args }) =>
    done(realTime(args[0]) ? 99 : 0),
  ),
  define(160, 'sched_get_priority_min', ['int'], (_kernel, _task, { args }) =>
    done(realTime(args[0]) ? 1 : 0),
  ),
  define(242, 'sched_getaffinity', ['int', 'uint', 'pointer'], (kernel, task, { args }) => {
    if (args[1] < 4 || args[1] % 4 !== 0) return done(-errno.EINVAL);
    return done(writeUser(kernel, task, args[2], Uint8Array.of(1, 0, 0, 0)) ? 4 : -errno.EFAULT);
  }),
  define(375, 'membarrier', ['int', 'uint', 'int'], (_kernel, _task, { args }) =>
    done(args[0] === 0 ? MEMBARRIER_ALL : 0),
  ),
  define(172, 'prctl', ['int', 'hex', 'hex', 'hex', 'hex'], (_kernel, _task, { args }) =>
    done(args[0] === PR_SET_NAME ? 0 : -errno.EINVAL),
  ),
];

const PR_SET_NAME = 15;
/** Every command up to PRIVATE_EXPEDITED and its registration: threads here never run at the same time. */
const MEMBARRIER_ALL = 0x1f;

function realTime(policy: number): boolean {
  return policy === 1 || policy === 2;
}

function existing(kernel: Parameters<Handler>[0], tid: number): ReturnType<typeof done> {
  if (tid === 0) return done(0);
  const task = findTask(kernel, tid);
  return done(task !== undefined && isAlive(task) ? 0 : -errno.ESRCH);
}
