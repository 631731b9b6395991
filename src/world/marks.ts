// The numbers by which a program under test tells what it sees; fixtures/programs/marks.h is the same for C programs.
import type { MarkNumbers } from '../kernel/kernel.js';

/** A test holds these and the header together. */
export const mark = {
  windowBegin: 0x53530000,
  windowEnd: 0x53530001,
  park: 0x53530002,
  saw: 0x53530003,
  cleanup: 0x53530004,
  request: 0x53530005,
  requested: 0x53530006,
  joined: 0x53530007,
  disabled: 0x53530008,
  resource: 0x53530009,
  async: 0x5353000a,
  jumped: 0x5353000b,
  noPoint: 0x5353000c,
} as const;

export const role = { canceller: 1, feeder: 2 } as const;

export const MARKS: MarkNumbers = { first: 0x53530000, last: 0x535300ff, park: mark.park };
