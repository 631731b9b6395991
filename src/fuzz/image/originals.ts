// Good files to damage, each with the parts that readers look at: what set-up has fetched, and texts of our own.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseElf } from '../../elf/index.js';
import { CACHE } from '../../suite/folders.js';
import { theStage } from '../entry/stage.js';
import type { Part } from './damage.js';

export type FileKind = 'elf' | 'vdso' | 'archive' | 'token' | 'json';

export interface Original {
  readonly name: string;
  readonly kind: FileKind;
  readonly bytes: Uint8Array;
  readonly parts: readonly Part[];
}

const ELF_HEADER = { from: 0, length: 52 };
const SECTION_HEADER = 40;
const PROGRAM_HEADER = 32;

/** Headers, and every section that holds more than code. */
function partsOf(bytes: Uint8Array): Part[] {
  const parsed = parseElf(bytes, 'original');
  if (!parsed.ok) return [];
  const { elf } = parsed;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sections = elf.sections.filter(({ name, size }) => size > 0 && !/^\.(?:text|bss)/.test(name));
  return [
    ELF_HEADER,
    { from: view.getUint32(28, true), length: elf.segments.length * PROGRAM_HEADER },
    { from: view.getUint32(32, true), length: elf.sections.length * SECTION_HEADER },
    ...sections.map(({ offset, size }) => ({ from: offset, length: size })),
  ];
}

function fromCache(path: string, kind: FileKind): Original[] {
  const full = join(CACHE, path);
  if (!existsSync(full)) return [];
  const bytes = new Uint8Array(readFileSync(full));
  return [{ name: path, kind, bytes, parts: partsOf(bytes) }];
}

/** ar(5): one member, an object file. */
function archiveOf(bytes: Uint8Array): Uint8Array {
  const header = `${'crt1.o/'.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`;
  return Buffer.concat([Buffer.from(`!<arch>\n${header}`, 'latin1'), bytes]);
}

function text(name: string, kind: FileKind, content: string): Original {
  return { name, kind, bytes: new Uint8Array(Buffer.from(content, 'latin1')), parts: [] };
}

const TOKENS = [
  'musl-1.2.3+naive-vdso+6.19-amd64/syscall+read-empty+c56+cae18636',
  'musl-1.2.3+pc-check+6.1-686/int80+read-data:toggles+s3.c40.s2+00000000',
  'entry+6.1-686/int80+7.0-amd64/syscall+1.0.a.zz+0123abcd',
];
const SIDECAR = '{"flavour":"amd64","patched":false}';
const CORPUS = '{"corpus":1,"target":"entry","failed":["1.2.3"],"novel":["0","a.b.c"]}';

export function originals(): Original[] {
  const stage = theStage().elf.bytes;
  const object = fromCache('libc/musl-1.2.3/lib/crt1.o', 'elf');
  return [
    { name: 'stage', kind: 'elf', bytes: stage, parts: partsOf(stage) },
    ...fromCache('programs/musl-1.2.3/cancel/read-empty', 'elf'),
    ...object,
    ...fromCache('vdso/6.1-686.so', 'vdso'),
    ...fromCache('vdso/6.19-amd64.so', 'vdso'),
    ...fromCache('vdso/7.0-amd64.so', 'vdso'),
    ...object.map(({ bytes }): Original => {
      return { name: 'archive', kind: 'archive', bytes: archiveOf(bytes), parts: [{ from: 0, length: 68 }] };
    }),
    ...TOKENS.map((token, i) => text(`token ${i + 1}`, 'token', token)),
    text('sidecar', 'json', SIDECAR),
    text('corpus', 'json', CORPUS),
  ];
}
