// Everything in sigsweep that reads what somebody else wrote. A reader answers with a result or with one line that says
// what is wrong; an exception, a hang or a flood of memory is a finding. Assembly is not among them: keystone can go round
// for ever on text that is none, which nothing in this process can end, and no command gives it text from outside.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFile } from '../../cfi/check/index.js';
import { readFileFrames } from '../../cfi/index.js';
import { CpuError } from '../../cpu/index.js';
import { parseArchive, parseElf } from '../../elf/index.js';
import { parseToken } from '../../suite/token.js';
import {
  CPU_KINDS,
  imagesInFile,
  listImages,
  loadVdso,
  patchAlternatives,
  type VdsoImage,
} from '../../vdso/index.js';
import { createWorld } from '../../world/create.js';
import { readCorpus } from '../core/corpus.js';
import { FuzzError } from '../core/errors.js';
import { parseStageToken } from '../core/token.js';
import type { FileKind } from './originals.js';

/** What a reader said, with what it said it of: equal words reach nothing new. */
export interface Answer {
  readonly ok: boolean;
  /** The refusal, '' for none. */
  readonly message: string;
}

export interface Reader {
  readonly name: string;
  readonly kinds: readonly FileKind[];
  readonly read: (bytes: Uint8Array) => Answer;
}

const GOOD: Answer = { ok: true, message: '' };

function refused(message: string): Answer {
  return { ok: false, message };
}

type Refusal = { readonly ok: false; readonly error: { readonly message: string } };

function answer(result: { readonly ok: true } | Refusal): Answer {
  return result.ok ? GOOD : refused(result.error.message);
}

function reason(result: { readonly ok: true } | { readonly ok: false; readonly reason: string }): Answer {
  return result.ok ? GOOD : refused(result.reason);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function readFrames(bytes: Uint8Array): Answer {
  const parsed = parseElf(bytes, 'file');
  if (!parsed.ok) return refused(parsed.error.message);
  const { problems } = readFileFrames(parsed.elf);
  checkFile(parsed.elf);
  return problems[0] === undefined ? GOOD : refused(problems[0].message);
}

function readSymbols(bytes: Uint8Array): Answer {
  const parsed = parseElf(bytes, 'file');
  if (!parsed.ok) return refused(parsed.error.message);
  parsed.elf.findSymbol('main');
  parsed.elf.symbolAt(parsed.elf.entry);
  return GOOD;
}

function patchAll(bytes: Uint8Array): Answer {
  const answers = CPU_KINDS.map((cpu) => patchAlternatives(bytes, { cpu, flavour: 'amd64' }, 'file'));
  const bad = answers.find((one) => !one.ok);
  return bad === undefined ? GOOD : answer(bad);
}

const MOVES_MAX = 40;
const INSTRUCTIONS_MAX = 500;

/** Loads it and lets it run for a while, whatever it has become. */
function runProgram(vdso: VdsoImage) {
  return (bytes: Uint8Array): Answer => {
    const parsed = parseElf(bytes, 'file');
    if (!parsed.ok) return refused(parsed.error.message);
    const created = createWorld({ program: parsed.elf, vdso, args: ['file', 'argument'] });
    if (!created.ok) return refused(created.error.message);
    const { world } = created;
    try {
      for (let moves = 0; moves < MOVES_MAX && world.schedule() === null; moves++)
        world.advance(INSTRUCTIONS_MAX);
      return GOOD;
    } catch (error) {
      // Two cases that the CPU's own page names; the command answers them with one line.
      if (error instanceof CpuError && error.code === 'INEXACT_STORE') return refused(error.message);
      throw error;
    } finally {
      world.close();
    }
  };
}

export class Readers {
  readonly all: readonly Reader[];
  /** Files that are read by name are put here; nothing else is written. */
  private readonly folder = mkdtempSync(join(tmpdir(), 'sigsweep-fuzz-'));

  constructor(vdso: VdsoImage) {
    const image = (bytes: Uint8Array): Answer => answer(loadVdso(bytes, { id: 'file' }));
    this.all = [
      { name: 'symbols', kinds: ['elf', 'vdso', 'archive'], read: readSymbols },
      { name: 'frames', kinds: ['elf', 'vdso'], read: readFrames },
      { name: 'vdso', kinds: ['vdso', 'elf'], read: image },
      { name: 'alternatives', kinds: ['vdso'], read: patchAll },
      { name: 'kernel', kinds: ['vdso'], read: (bytes) => answer(imagesInFile(bytes, 'file')) },
      { name: 'archive', kinds: ['archive'], read: (bytes) => answer(parseArchive(bytes, 'file')) },
      { name: 'run', kinds: ['elf'], read: runProgram(vdso) },
      { name: 'token', kinds: ['token'], read: (bytes) => reason(parseToken(textOf(bytes))) },
      { name: 'case', kinds: ['token'], read: (bytes) => reason(parseStageToken(textOf(bytes))) },
      { name: 'images', kinds: ['json'], read: (bytes) => this.readImages(bytes) },
      { name: 'corpus', kinds: ['json'], read: (bytes) => this.readCorpusFile(bytes) },
    ];
  }

  private readImages(bytes: Uint8Array): Answer {
    writeFileSync(join(this.folder, 'x.json'), bytes);
    writeFileSync(join(this.folder, 'x.so'), new Uint8Array(64));
    const bad = listImages(this.folder).find((one) => !one.ok);
    return bad === undefined ? GOOD : answer(bad);
  }

  private readCorpusFile(bytes: Uint8Array): Answer {
    writeFileSync(join(this.folder, 'entry.json'), bytes);
    try {
      readCorpus(this.folder, 'entry');
      return GOOD;
    } catch (error) {
      if (error instanceof FuzzError) return refused(error.message.replaceAll(this.folder, ''));
      throw error;
    }
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
