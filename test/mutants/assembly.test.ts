// The mutants of assembly: that every one is made, of what is shipped, and what the page says of them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compiled, kernelMutants, mutantsOf, PER_FILE } from '../../scripts/lib/kernel-mutants.mjs';
import { type AsmSource, buildAssembly } from '../../src/asm/index.js';
import { overlaySources } from '../../src/design/sources.js';
import { parseArchive, parseElf, sectionBytes } from '../../src/elf/index.js';
import { codeChanges } from '../../src/mutants/code.js';
import { frameChanges } from '../../src/mutants/frames.js';
import { mutant } from '../../src/mutants/judge.js';
import { flatten, sourceOf } from '../../src/mutants/listing.js';
import { bytesOf, make } from '../../src/mutants/make.js';
import { mutantsJson, mutantsText } from '../../src/mutants/report.js';
import { lineOf, type MutantLine, runMutants } from '../../src/mutants/run.js';
import { designOf, type MutantSubject, mutantSubjects } from '../../src/mutants/subjects.js';
import type { Item } from '../../src/mutants/types.js';
import { allImages } from '../../src/suite/catalog.js';
import { OVERLAYS, ROOT } from '../../src/suite/folders.js';
import { scratchFolder } from '../assembled.js';
import { rebuilt } from '../vdso/helpers.js';

/** Without set-up there is nothing to make mutants of. */
const ready = allImages().some((one) => one.ok && one.image.id === '6.1-686/sysenter');

function itemsOf(text: string): readonly Item[] {
  const listed = flatten({ text, asFlags: [], includeDirs: [] });
  if (!listed.ok) throw new Error(listed.reason);
  return listed.items;
}

describe('the changes', () => {
  it('are every deletion, inversion, swap, register, label and way in, each once', () => {
    const items = itemsOf('f:\n\tcmpl $0, (%eax)\n\tjne g\n\tint $0x80\ng:\n\tret\n\t.size f, . - f\n');
    expect(codeChanges(items).map(({ kind, name }) => `${kind}: ${name}`)).toEqual([
      'label moved: f f: label one instruction later',
      'deleted: f cmpl $0,(%eax): deleted',
      'swapped: f cmpl $0,(%eax): swapped with jne g',
      'register: f cmpl $0,(%eax): cmpl $0,(%ecx)',
      'deleted: f+1 jne g: deleted',
      'inverted: f+1 jne g: je g',
      'swapped: f+1 jne g: swapped with int $0x80',
      'deleted: f+2 int $0x80: deleted',
      'way in: f+2 int $0x80: call *%gs:16',
      'label moved: g g: label one instruction later',
      'label moved: g g: label one instruction earlier',
      'deleted: g ret: deleted',
    ]);
  });

  it('of a frame description drop each directive, and put each number off by four', () => {
    const items = itemsOf(
      'f:\n\t.cfi_startproc\n\tpushl %ebx\n\t.cfi_adjust_cfa_offset 4\n\tpopl %ebx\n\t.cfi_restore %ebx\n\tret\n\t.cfi_endproc\n',
    );
    expect(frameChanges(items).map(({ name }) => name)).toEqual([
      'f+1 .cfi_adjust_cfa_offset 4: dropped',
      'f+1 .cfi_adjust_cfa_offset 4: off by four',
      'f+2 .cfi_restore %ebx: dropped',
    ]);
  });

  it('go through macros and conditions: what a listing says is what the source assembles to', () => {
    writeFileSync(
      join(scratchFolder(), 'm.inc'),
      '\t.macro two reg\n\tpushl %\\reg\n\tpopl %\\reg\n\t.endm\n',
    );
    const text =
      '\t.include "m.inc"\nf:\ttwo eax\n\t.if 0\n\tnop\n\t.endif\n\t.irp r, ebx, ecx\n\tincl %\\r\n\t.endr\n';
    const listed = flatten({ text, asFlags: [], includeDirs: [scratchFolder()] });
    expect(listed.ok ? sourceOf(listed.items) : listed.reason).toBe(
      'f:\n\tpushl %eax\n\tpopl %eax\n\tincl %ebx\n\tincl %ecx\n',
    );
    const own = flatten({ text: '\t.macro one\n\tnop\n\t.endm\n\tone\n', asFlags: [], includeDirs: [] });
    expect(own).toEqual({ ok: false, reason: 'macros have to stand in a file that is included' });
  });
});

/** What the project, or the C library, builds or ships; and the sections that say what the code is. */
function shipped({ id, role, design }: MutantSubject): { bytes: Uint8Array; sections: string[] } {
  const sections = ['.text', '.eh_frame'];
  const built = (
    sources: readonly AsmSource[],
    asFlags: readonly string[],
    includeDirs: readonly string[],
  ) => {
    const object = buildAssembly({ sources, asFlags, includeDirs, cacheDir: scratchFolder() });
    if (!object.ok) throw new Error(object.error.message);
    return object.bytes;
  };
  if (role === 'image') {
    const { bytes } = rebuilt(id.replace('vDSO ', ''), scratchFolder());
    return { bytes, sections };
  }
  const of = designOf(design ?? '');
  if (role === 'helpers') {
    const name = of.vdsoHelpers?.source ?? '';
    return { bytes: built([{ name, text: readFileSync(name, 'utf8') }], [], []), sections };
  }
  if (of.folder === null) {
    const path = 'fixtures/cache/libc/musl-1.2.3/lib/libc.a';
    const archive = parseArchive(new Uint8Array(readFileSync(path)), path);
    const member = archive.ok
      ? archive.members.find(({ name }) => name.startsWith('syscall_cp.'))
      : undefined;
    return { bytes: member?.bytes ?? new Uint8Array(), sections: ['.text'] };
  }
  const read = overlaySources(of, ROOT, OVERLAYS);
  if (!read.ok) throw new Error(read.message);
  return { bytes: built(read.sources.slice(0, 1), read.asFlags, read.includeDirs), sections };
}

function sectionIn(bytes: Uint8Array | string, name: string): Buffer {
  const parsed = parseElf(typeof bytes === 'string' ? new Uint8Array() : bytes, name);
  const section = parsed.ok ? parsed.elf.findSection(name) : undefined;
  const content = parsed.ok && section !== undefined ? sectionBytes(parsed.elf, section) : null;
  return Buffer.from(content ?? new Uint8Array());
}

const line: MutantLine = {
  ...{ subject: 'f', name: 'f nop: deleted', kind: 'deleted', outcome: 'killed', reason: null },
  killer: { rule: 'no-fault', where: 'read-empty with f on g', detail: 'it faults' },
};

describe('the page', () => {
  it('counts what is killed, tells who survived, and why others cannot be killed; and what was not run', () => {
    const survivor: MutantLine = { ...line, name: 'f ret: deleted', outcome: 'survived', killer: null };
    const same: MutantLine = {
      ...survivor,
      name: 'f hlt: deleted',
      outcome: 'equivalent',
      reason: 'so it is',
    };
    const text = mutantsText([line, survivor, same], [{ id: 'g', changes: [] }]);
    expect(text).toContain('Of 3 mutants 1 are killed, 1 are equivalent, and 1 survive.');
    expect(text).toContain('not run are the mutants of g (0)');
    expect(text).toContain('| f | 3 | 1 | 1 | 1 |');
    expect(text).toContain('| no-fault | 1 |');
    expect(text).toContain('- `f ret: deleted`\n');
    expect(text).toContain('- `f hlt: deleted`: so it is\n');
    expect(JSON.parse(mutantsJson([line]))).toEqual([line]);
  });
});

describe.skipIf(!ready)('the mutants of what is shipped', () => {
  it('are made of lines that assemble to the same code and frames', () => {
    for (const subject of mutantSubjects()) {
      const flat = bytesOf(make(subject, subject.items));
      const { bytes, sections } = shipped(subject);
      for (const name of sections) {
        const content = sectionIn(bytes, name);
        if (name === '.text') expect(content.length, subject.id).toBeGreaterThan(0);
        expect(sectionIn(flat, name), `${subject.id} ${name}`).toEqual(content);
      }
    }
  });

  it('are judged as the sweep judges the original: a point that does not return its caller’s edi', async () => {
    const wanted = (subject: string, name: string) =>
      subject === 'naive-vdso' && name.startsWith('__cp_end popl %edi: popl');
    const lines = await runMutants({ jobs: 1, wanted });
    expect(lines.map(({ outcome, killer }) => [outcome, killer?.rule])).toEqual([['killed', 'registers']]);
  });
});

describe.skipIf(!ready)('the report in docs', () => {
  const kernel = kernelMutants();
  const files = [...new Set(kernel.map(({ path }) => path))];
  const subjects = () => [
    ...mutantSubjects().map(({ id, changes }) => ({ id, changes })),
    ...files.map((id) => ({ id, changes: kernel.filter(({ path }) => path === id) })),
  ];
  const text = readFileSync('docs/mutants.json', 'utf8');
  const lines = JSON.parse(text) as MutantLine[];

  it('has all mutants of each subject that it has, in their order, with what became of each', () => {
    const run = subjects().filter(({ id }) => lines.some(({ subject }) => subject === id));
    const made = run.flatMap(({ id, changes }) => changes.map(({ name }) => `${id}: ${name}`));
    expect(new Set(made).size).toBe(made.length);
    expect(lines.map(({ subject, name }) => `${subject}: ${name}`)).toEqual(made);
    for (const { outcome, killer, reason } of lines) {
      expect(killer !== null).toBe(outcome === 'killed');
      expect(reason !== null).toBe(outcome === 'equivalent');
    }
  });

  it('is what its page tells, which names what was not run', () => {
    expect(text).toBe(mutantsJson(lines));
    expect(readFileSync('docs/mutants.md', 'utf8')).toBe(mutantsText(lines, subjects()));
  });

  /** Every 281st mutant: some of each kind of subject. */
  const stride = process.env['SIGSWEEP_ALL'] === '1' ? 1 : 281;

  it(`says the same of mutants that are judged again, one of ${stride}`, { timeout: 7_200_000 }, () => {
    const tasks = mutantSubjects().flatMap(({ id, changes }, subject) =>
      changes.map(({ name }, change) => ({ subject, change, all: stride === 1, key: `${id}: ${name}` })),
    );
    const told = new Map(lines.map((one) => [`${one.subject}: ${one.name}`, one]));
    const sample = tasks.filter(({ key }, at) => at % stride === 0 && told.has(key));
    expect(sample.length).toBeGreaterThan(5);
    for (const { key, ...task } of sample) {
      const { outcome, killer } = lineOf(mutant(task));
      const known = told.get(key);
      expect([key, outcome, killer?.rule]).toEqual([key, known?.outcome, known?.killer?.rule]);
    }
  });
});

describe('the mutants of the kernel model', () => {
  const all = kernelMutants();

  it('are ten of each file of signal and entry, each another program than the model', () => {
    const files = new Set(all.map(({ path }) => path));
    expect(files.size).toBeGreaterThan(15);
    expect(all.length).toBe(files.size * PER_FILE);
    for (const { path, source } of all)
      expect(compiled(source)).not.toBe(compiled(readFileSync(path, 'utf8')));
  });

  it('change one operator, number, statement or result', () => {
    const source = 'export function f(a: number): boolean {\n  g();\n  return a === 1;\n}\n';
    expect(mutantsOf('f.ts', source).map(({ name }) => name)).toEqual([
      ...['f: g(); → deleted', 'f: a === 1 → a !== 1', 'f: 1 → 2'],
    ]);
  });
});
