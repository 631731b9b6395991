// `sigsweep check --program`: programs that know nothing of sigsweep, with a window between two of their symbols.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { check } from '../../src/check/api.js';
import { sigsweep } from '../cli/text.js';
import { point, scratch } from './assembly.js';
import { indented } from './flows.js';
import { buildProgram } from './programs.js';

const folder = scratch();
afterAll(folder.remove);

const EXAMPLES = 'examples/program';
const at = (name: string) => join(folder.path, name);
const WHERE = ['--vdso', '6.1-686/sysenter', '--jobs', '1'];
const READ = ['--window', 'before_read..after_read', ...WHERE];
const WAIT = ['--window', 'before_wait..after_wait', '--signal', 'SIGUSR1', ...WHERE];

interface Told {
  readonly verdict: string;
  readonly trials: readonly {
    readonly after: { readonly executed: number };
    readonly findings: readonly {
      rule: string;
      symbol: string;
      instruction: string;
      fingerprint: string;
      status: string;
    }[];
  }[];
}

async function told(
  ...argv: string[]
): Promise<{ code: number; report: Told; findings: Told['trials'][0]['findings'] }> {
  const { code, out } = await sigsweep(['check', ...argv, '--reporter', 'json']);
  const report: Told = JSON.parse(out);
  return { code, report, findings: report.trials.flatMap(({ findings }) => findings) };
}

beforeAll(() => {
  buildProgram(`${EXAMPLES}/reader.c`, at('reader'));
  buildProgram(`${EXAMPLES}/waiter.c`, at('waiter'));
  buildProgram(`${EXAMPLES}/waiter.c`, at('waiter-fixed'), { flags: ['-DFIXED'] });
});

describe('the page', () => {
  it('has commands that end as it says', async () => {
    const prefix = 'npx sigsweep check --program ';
    const lines = indented('docs/check.md').filter((line) => line.startsWith(prefix));
    const results = await Promise.all(
      lines.map((line) => {
        const [program = '', ...words] = line.slice(prefix.length).split(' ');
        return told('--program', at(program), ...words, ...WHERE);
      }),
    );
    expect(results.map(({ report }) => report.verdict)).toEqual(['clean', 'violation']);
  });
});

describe('the program’s own pthread_cancel at every instruction', () => {
  it('is survived by musl’s point', async () => {
    const { code, report } = await told('--program', at('reader'), ...READ);
    expect([code, report.verdict]).toEqual([0, 'clean']);
    expect(report.trials[0]?.after.executed).toBeGreaterThan(80);
  });

  it('finds what a wrong point loses, by the symbols alone and by how the program ends', async () => {
    // Linked with a point of its own, whose range ends behind the instruction that follows the trap.
    execFileSync('as', ['--32', '-o', at('late.o'), folder.write('late.s', point('\tnop'))]);
    buildProgram(`${EXAMPLES}/reader.c`, at('reader-late'), { objects: [at('late.o')] });
    const { code, findings } = await told('--program', at('reader-late'), ...READ);
    expect(code).toBe(1);
    const named = findings.map(({ rule, symbol }) => `${rule} ${symbol}`);
    expect(new Set(named)).toEqual(new Set(['no-lost-effect __cp_begin', 'program-end __cp_begin']));
    expect(findings.at(-1)).toMatchObject({ instruction: 'nop' });
  });
});

describe('a signal at every instruction', () => {
  it('shows the window between a look at a flag and the sleep', async () => {
    const { code, findings } = await told('--program', at('waiter'), ...WAIT);
    expect(code).toBe(1);
    expect(new Set(findings.map(({ rule }) => rule))).toEqual(new Set(['program-end']));
    expect(findings[0]?.symbol).toBe('main');
    expect(findings.at(-1)).toMatchObject({ symbol: '__kernel_vsyscall' });
  });

  it('finds nothing where the wait itself lets the signal in; compared with the one before, all is fixed', async () => {
    const baseline = at('waiter.json');
    expect((await told('--program', at('waiter'), ...WAIT, '--save', baseline)).code).toBe(1);
    const { code, findings } = await told('--program', at('waiter-fixed'), ...WAIT, '--baseline', baseline);
    expect([code, new Set(findings.map(({ status }) => status))]).toEqual([0, new Set(['fixed'])]);
  });

  it('has the same fingerprints when other code is linked in front of it', async () => {
    const pad = folder.write('pad.s', '\t.globl pad\npad:\t.skip 4999, 0x90\n\t.data\n\t.skip 777, 1\n');
    execFileSync('as', ['--32', '-o', at('pad.o'), pad]);
    buildProgram(`${EXAMPLES}/waiter.c`, at('waiter-moved'), { first: [at('pad.o')] });
    const [here, moved] = [
      await told('--program', at('waiter'), ...WAIT),
      await told('--program', at('waiter-moved'), ...WAIT),
    ];
    const places = ({ findings }: typeof here) => findings.map(({ instruction }) => instruction);
    expect(places(moved)).not.toEqual(places(here));
    const names = ({ findings }: typeof here) => findings.map(({ fingerprint }) => fingerprint);
    expect([names(moved), new Set(names(here)).size]).toEqual([names(here), here.findings.length]);
  });

  it('is there for programs too', async () => {
    const path = at('waiter');
    const bytes = new Uint8Array(readFileSync(path));
    const window = 'before_wait..after_wait';
    const answer = await check({
      input: { kind: 'program', path, bytes, window, signal: 10, args: [] },
      images: ['6.1-686/sysenter'],
    });
    expect(answer.ok && answer.report.verdict).toBe('violation');
  });
});

describe('what cannot be checked', () => {
  const refused = async (...argv: string[]) => {
    const { code, err, out } = await sigsweep(['check', ...argv]);
    expect([out, err.trim().split('\n').length]).toEqual(['', 1]);
    return `${code} ${err.trim()}`;
  };

  it('is said in one line', async () => {
    execFileSync('strip', ['-o', at('stripped'), at('waiter')]);
    folder.write('cut', '');
    execFileSync('sh', ['-c', 'head -c 600 "$0" > "$1"', at('waiter'), at('cut')]);
    expect(await refused('--program', at('stripped'), ...WAIT)).toMatch(
      /^3 .*has no symbols: it is stripped/,
    );
    expect(await refused('--program', at('cut'), ...WAIT)).toMatch(/^3 .*cut/);
    expect(await refused('--program', process.execPath, ...WAIT)).toMatch(/^3 .*64-bit/);
    expect(await refused('--program', at('waiter.o'), ...WAIT)).toMatch(/^3 .*object file/);
    expect(await refused('--program', at('none'), ...WAIT)).toMatch(/^3 .*no such file/);
    const window = (text: string) => ['--program', at('waiter'), '--window', text, '--signal', '10'];
    expect(await refused(...window('before_wait..nowhere'))).toMatch(/^3 .*has no symbol nowhere/);
    expect(await refused(...window('before_wait..came'))).toMatch(/^3 .*has no code at came/);
    expect(await refused(...window('before_wait'))).toMatch(/^64 .*expected START..END/);
    expect(await refused(...window('main..main+0'))).toMatch(/^64 .*same instruction/);
    expect(await refused('--program', at('waiter'), '--window', 'main..after_wait')).toMatch(/^3 .*--signal/);
    expect(await refused('--program', at('waiter'))).toMatch(/^64 /);
    expect(await refused(...window('main..after_wait').slice(0, 4), '--signal', 'FOO')).toMatch(/^64 .*FOO/);
  });

  it('is incomplete when the canceller waits for the thread that it is to cancel', async () => {
    const waits = readFileSync(`${EXAMPLES}/reader.c`, 'utf8')
      .replace('static volatile int kept;', 'static volatile int kept;\nstatic sem_t inside;')
      .replace('#include <stdlib.h>', '#include <semaphore.h>\n#include <stdlib.h>')
      .replace('\tif (read(', '\tsem_post(&inside);\n\tif (read(')
      .replace('\tif (pthread_cancel', '\tsem_wait(&inside);\n\tif (pthread_cancel');
    buildProgram(folder.write('waits.c', waits), at('waits'));
    const { code, out } = await sigsweep(['check', '--program', at('waits'), ...READ]);
    expect([code, out]).toEqual([2, expect.stringContaining("no other comes to the canceller's place")]);
  });

  it('is incomplete when the window is never begun or the program ends badly by itself', async () => {
    const never = ['--window', 'after_wait..before_wait', '--signal', '10', ...WHERE];
    const { code, out } = await sigsweep(['check', '--program', at('waiter'), ...never]);
    expect([code, out]).toEqual([2, expect.stringContaining('no thread comes to the begin of the window')]);
    const source = '.globl _start, there\n_start: nop\nthere: movl $1, %eax\nmovl $3, %ebx\nint $0x80\n';
    execFileSync('as', ['--32', '-o', at('three.o'), folder.write('three.s', source)]);
    execFileSync('ld', ['-m', 'elf_i386', '-o', at('three'), at('three.o')]);
    const bad = await sigsweep([
      'check',
      '--program',
      at('three'),
      '--window',
      '_start..there',
      '--signal',
      '10',
      ...WHERE,
    ]);
    expect([bad.code, bad.out]).toEqual([2, expect.stringContaining('exit status 3')]);
  });
});
