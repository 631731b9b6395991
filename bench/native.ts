/**
 * One injection into a real process: start, step to the point, post a signal, run out, reap; the same in C, compiled here.
 * And one into a process used again, with a breakpoint at the point, against one single step of the same run. Wall time, as
 * most of it passes in the kernel and in the other process; medians of rounds taken in turns.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseElf } from '../dist/elf/index.js';
import { runTo } from '../dist/native/pair.js';
import { probeMachine } from '../dist/native/probe.js';
import { ReusedProcess } from '../dist/native/reuse.js';
import { takeOutput } from '../dist/native/spawn.js';
import { Tracee } from '../dist/native/tracee.js';
import { CACHE } from '../dist/suite/catalog.js';

const PROGRAM = join(CACHE, 'programs', 'musl-1.2.3', 'points', 'frame');
const STEPS = 40;
const RUNS = 40;
const ROUNDS = 7;
const SIGUSR1 = 10;

const REFERENCE = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <fcntl.h>
#include <unistd.h>
static void one(char *path, unsigned long start, int steps) {
  int status, pid = fork();
  if (pid == 0) {
    personality(ADDR_NO_RANDOMIZE);
    dup2(open("/dev/null", O_WRONLY), 1);
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execl(path, path, "info", NULL);
    _exit(127);
  }
  waitpid(pid, &status, 0);
  long word = ptrace(PTRACE_PEEKTEXT, pid, start, 0);
  ptrace(PTRACE_POKETEXT, pid, start, (word & ~0xffL) | 0xcc);
  ptrace(PTRACE_CONT, pid, 0, 0);
  waitpid(pid, &status, 0);
  ptrace(PTRACE_POKETEXT, pid, start, word);
  unsigned regs[17];
  struct iovec vector = { regs, sizeof regs };
  ptrace(PTRACE_GETREGSET, pid, 1, &vector);
  regs[12] = start;
  ptrace(PTRACE_SETREGSET, pid, 1, &vector);
  for (int i = 0; i < steps; i++) {
    ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
    waitpid(pid, &status, 0);
    ptrace(PTRACE_GETREGSET, pid, 1, &vector);
  }
  syscall(SYS_tgkill, pid, pid, ${SIGUSR1});
  long sig = 0;
  do {
    ptrace(PTRACE_CONT, pid, 0, sig);
    waitpid(pid, &status, 0);
    sig = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
  } while (sig);
}
int main(int argc, char **argv) {
  struct timespec a, b;
  unsigned long start = strtoul(argv[2], 0, 0);
  int steps = atoi(argv[3]), runs = atoi(argv[4]);
  one(argv[1], start, steps);
  clock_gettime(CLOCK_MONOTONIC, &a);
  for (int i = 0; i < runs; i++) one(argv[1], start, steps);
  clock_gettime(CLOCK_MONOTONIC, &b);
  printf("%f", ((b.tv_sec - a.tv_sec) * 1e9 + b.tv_nsec - a.tv_nsec) / runs / 1e3);
  return 0;
}
`;

function started(): Tracee {
  const result = Tracee.start([PROGRAM, 'info']);
  if (!result.ok) throw new Error(result.reason);
  return result.tracee;
}

/** Microseconds an operation takes, over `count` of them. */
function time(count: number, run: () => void): number {
  const before = performance.now();
  for (let i = 0; i < count; i++) run();
  return ((performance.now() - before) * 1000) / count;
}

function step(tracee: Tracee): void {
  tracee.resume('step');
  tracee.wait();
  tracee.registers();
}

function injectOnce(start: number): void {
  const tracee = started();
  runTo(tracee, start);
  for (let i = 0; i < STEPS; i++) step(tracee);
  tracee.post(SIGUSR1);
  tracee.resume('continue');
  for (let stop = tracee.wait(); stop.kind === 'signal'; stop = tracee.wait()) {
    tracee.resume('continue', stop.sig);
  }
  takeOutput();
}

/** One process at `work`, and the injection at an instruction in its middle. */
function reused(work: number): { readonly inject: () => void; readonly end: () => void } {
  const tracee = started();
  runTo(tracee, work);
  const { esp } = tracee.registers();
  const back = new DataView((tracee.read(esp, 4) ?? new Uint8Array(4)).buffer).getUint32(0, true);
  const window = { end: back, memory: [{ address: esp - 4096, length: 4096 + 16 }] };
  const used = new ReusedProcess(tracee, window);
  return { inject: () => void used.inject(work + 1, SIGUSR1), end: () => tracee.kill() };
}

function singleStep(work: number): number {
  const tracee = started();
  runTo(tracee, work);
  const result = time(STEPS, () => step(tracee));
  tracee.kill();
  return result;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

function compile(folder: string): string {
  const path = join(folder, 'reference');
  writeFileSync(`${path}.c`, `#define _GNU_SOURCE${REFERENCE}`);
  execFileSync('gcc', ['-O2', '-o', path, `${path}.c`]);
  return path;
}

export function benchNative(): void {
  const probe = probeMachine();
  if (!probe.ok) {
    console.log(`native injections: skipped, ${probe.reason}\n`);
    return;
  }
  const parsed = parseElf(new Uint8Array(readFileSync(PROGRAM)), PROGRAM);
  if (!parsed.ok) throw new Error(parsed.error.message);
  const main = parsed.elf.findSymbol('main')?.value ?? 0;
  const work = parsed.elf.findSymbol('work')?.value ?? 0;
  const folder = mkdtempSync(join(tmpdir(), 'sigsweep-bench-'));
  try {
    const reference = compile(folder);
    const inC = () => Number(execFileSync(reference, [PROGRAM, `${main}`, `${STEPS}`, `${RUNS}`]).toString());
    report(main, work, inC);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function report(main: number, work: number, inC: () => number): void {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const again = reused(work);
    const figures = {
      c: inC(),
      ours: time(RUNS, () => injectOnce(main)),
      step: singleStep(work),
      reused: time(RUNS, again.inject),
    };
    again.end();
    return figures;
  });
  const of = (name: 'c' | 'ours' | 'step' | 'reused') => median(rounds.map((round) => round[name]));
  const line = (name: string, value: number, reference: number) =>
    console.log(
      `  ${name.padEnd(44)}  ${value.toFixed(1).padStart(8)} us  ${(value / reference).toFixed(2).padStart(6)} x`,
    );
  console.log(
    `a native injection after ${STEPS} steps (limit: 3 x C), and one into a process used again (10 x one step)`,
  );
  line('C: start, step, signal, run out, reap', of('c'), of('c'));
  line('sigsweep', of('ours'), of('c'));
  line('one single step and its registers', of('step'), of('step'));
  line('a process used again, breakpoint', of('reused'), of('step'));
  console.log('');
}
