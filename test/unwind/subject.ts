// A program of fixtures/programs/unwind as something to sweep: nothing is cancelled in it.
import type { ElfFile } from '../../src/elf/index.js';
import type { Subject } from '../../src/explore/subject.js';
import { allImages } from '../../src/suite/catalog.js';

const IMAGE = '6.1-686/sysenter';
const SIGUSR1 = 10;

export function programSubject(libc: string, program: ElfFile, argument: string): Subject {
  const listed = allImages().find(({ id }) => id === IMAGE);
  if (listed?.ok !== true) throw new Error(`no ${IMAGE}`);
  return {
    libc,
    design: {
      id: 'none',
      title: 'nothing is cancelled',
      libc: { name: 'glibc' },
      folder: null,
      symbols: { enter: null, act: [], signal: SIGUSR1 },
    },
    vdso: listed.image,
    scenario: { id: argument, title: '', reaches: [] },
    handler: null,
    program,
    overlay: { segments: [], patches: [] },
    overlaySymbols: new Map(),
    enter: null,
    act: [],
  };
}
