import type { Cpu } from '../cpu/index.js';
import { bytesAt, type ElfFile, type ElfSegment, PT } from '../elf/index.js';
import { pageDown, pageUp, type Vma } from '../kernel/mm/types.js';
import type { VdsoImage } from '../vdso/index.js';
import { INITIAL_STACK_PAGES, PAGE_SIZE, PIE_BASE, STACK_TOP, VDSO_END, VVAR_PAGES } from './layout.js';
import type { LoadError, Overlay } from './options.js';

/** Maps a static executable, the vDSO and the stack as execve does (fs/binfmt_elf.c). */
export interface LoadedProgram {
  readonly bias: number;
  readonly entry: number;
  readonly phdr: number;
  readonly vdsoBase: number;
  readonly vmas: readonly Vma[];
  /** First address after the program's data, page-aligned: where the heap begins. */
  readonly startBrk: number;
}

const PF_X = 1;
const PF_W = 2;
const PF_R = 4;

function protectionOf(flags: number): number {
  return (flags & PF_R ? 1 : 0) | (flags & PF_W ? 2 : 0) | (flags & PF_X ? 4 : 0);
}

function segmentsOf(elf: ElfFile): { segments: readonly ElfSegment[]; bias: number } {
  const segments = elf.segments.filter(({ type }) => type === PT.LOAD);
  return { segments, bias: elf.type === 'DYN' ? PIE_BASE - pageDown(segments[0]?.vaddr ?? 0) : 0 };
}

/** Why a file cannot be loaded, null when it can. */
export function refusal(elf: ElfFile): LoadError | null {
  if (elf.interpreter !== undefined) {
    return {
      code: 'not-static',
      message: `${elf.name} is dynamically linked (it asks for ${elf.interpreter}); sigsweep runs static executables: link with -static`,
    };
  }
  const { segments, bias } = segmentsOf(elf);
  if (segments.length === 0 || elf.type === 'REL') {
    return { code: 'no-segments', message: `${elf.name} has nothing to load: not an executable` };
  }
  const bad = segments.find((segment) => !loadable(segment, bias));
  if (bad === undefined) return null;
  const at = `0x${bad.vaddr.toString(16)}`;
  return { code: 'bad-segment', message: `${elf.name} has a segment at ${at} that cannot be mapped` };
}

/** Into empty memory; only what was not refused. */
export function loadProgram(
  cpu: Cpu,
  elf: ElfFile,
  vdso: VdsoImage,
  overlay: Overlay | undefined,
): LoadedProgram {
  const { segments, bias } = segmentsOf(elf);
  const vmas: Vma[] = [];
  for (const segment of segments) mapSegment(cpu, elf, segment, bias, vmas);
  const startBrk = Math.max(...segments.map(({ vaddr, memsz }) => pageUp(vaddr + memsz + bias)));
  const vdsoBase = mapVdso(cpu, vdso, vmas);
  mapStack(cpu, elf, vmas);
  for (const { address, bytes, protection } of overlay?.segments ?? []) {
    mapBytes(cpu, vmas, { address, bytes, length: bytes.length, protection, name: '[overlay]' });
  }
  for (const { address, bytes } of overlay?.patches ?? []) cpu.write(address, bytes);
  vmas.sort((a, b) => a.start - b.start);
  return {
    bias,
    entry: elf.entry + bias,
    phdr: headerAddress(elf, segments, bias),
    vdsoBase,
    vmas,
    startBrk,
  };
}

function loadable({ vaddr, memsz, filesz, offset }: ElfSegment, bias: number): boolean {
  const start = vaddr + bias;
  return (
    filesz <= memsz &&
    start >= PAGE_SIZE &&
    start + memsz <= VDSO_END - (1 << 20) &&
    offset % PAGE_SIZE === vaddr % PAGE_SIZE
  );
}

interface Mapping {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly protection: number;
  readonly name: string;
}

/** Maps whole pages around the range; a page that a neighbour has mapped already keeps the neighbour's protection. */
function mapBytes(cpu: Cpu, vmas: Vma[], { address, bytes, length, protection, name }: Mapping): void {
  const end = pageUp(address + length);
  const start = Math.max(
    pageDown(address),
    ...vmas.filter((vma) => vma.start <= address && vma.end > pageDown(address)).map((vma) => vma.end),
  );
  if (start < end) {
    cpu.map(start, end - start, protection);
    vmas.push({ start, end, protection, growsDown: false, name });
  }
  cpu.write(address, bytes);
}

function mapSegment(cpu: Cpu, elf: ElfFile, segment: ElfSegment, bias: number, vmas: Vma[]): void {
  const bytes = bytesAt(elf, segment.vaddr, segment.filesz) ?? new Uint8Array(0);
  mapBytes(cpu, vmas, {
    address: segment.vaddr + bias,
    bytes,
    length: segment.memsz,
    protection: protectionOf(segment.flags),
    name: elf.name,
  });
}

function mapVdso(cpu: Cpu, vdso: VdsoImage, vmas: Vma[]): number {
  const length = pageUp(vdso.bytes.length);
  const base = VDSO_END - length;
  const vvar = base - VVAR_PAGES * PAGE_SIZE;
  cpu.map(vvar, VVAR_PAGES * PAGE_SIZE, 1);
  vmas.push({ start: vvar, end: base, protection: 1, growsDown: false, name: '[vvar]' });
  mapBytes(cpu, vmas, { address: base, bytes: vdso.bytes, length, protection: 5, name: '[vdso]' });
  return base;
}

function mapStack(cpu: Cpu, elf: ElfFile, vmas: Vma[]): void {
  const start = STACK_TOP - INITIAL_STACK_PAGES * PAGE_SIZE;
  const protection = elf.executableStack ? 7 : 3;
  cpu.map(start, STACK_TOP - start, protection);
  vmas.push({ start, end: STACK_TOP, protection, growsDown: true, name: '[stack]' });
}

/** AT_PHDR: where the program headers lie in memory. */
function headerAddress(elf: ElfFile, segments: readonly ElfSegment[], bias: number): number {
  const holder = segments.find(({ offset, filesz }) => elf.phoff >= offset && elf.phoff < offset + filesz);
  return holder === undefined ? 0 : holder.vaddr + (elf.phoff - holder.offset) + bias;
}
