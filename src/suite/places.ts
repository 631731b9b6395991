import type { Subject } from '../explore/subject.js';
import { pageUp } from '../kernel/mm/types.js';
import { VDSO_END } from '../world/layout.js';
import type { Place } from './types.js';

/** Names for addresses of a subject: the overlay's symbols, the vDSO's, the program's. */
export type NamePlace = (address: number) => Place;

export function placesOf(subject: Subject): NamePlace {
  const vdsoBase = VDSO_END - pageUp(subject.vdso.bytes.length);
  const overlaySymbols = [...subject.overlaySymbols].sort((a, b) => a[1] - b[1]);
  const known = new Map<number, Place>();
  const find = (address: number): Place => {
    if (inOverlay(subject, address)) {
      const [name, start] = overlaySymbols.filter(([, at]) => at <= address).at(-1) ?? ['overlay', address];
      return { address, name: plus(name, address - start), object: 'overlay' };
    }
    const inVdso = address >= vdsoBase && address < VDSO_END;
    const { elf, base } = subject.vdso;
    const found = inVdso ? elf.symbolAt(address - vdsoBase + base) : subject.program.symbolAt(address);
    if (found === undefined)
      return { address, name: `0x${address.toString(16)}`, object: inVdso ? 'vdso' : 'unknown' };
    return { address, name: plus(found.symbol.name, found.offset), object: inVdso ? 'vdso' : 'program' };
  };
  return (address) => {
    const place = known.get(address) ?? find(address);
    known.set(address, place);
    return place;
  };
}

function inOverlay({ overlay }: Subject, address: number): boolean {
  return overlay.segments.some(
    (segment) => address >= segment.address && address < segment.address + segment.bytes.length,
  );
}

function plus(name: string, offset: number): string {
  return offset === 0 ? name : `${name}+${offset}`;
}

/** Bytes of the code at an address, from the files: for disassembly. Null outside of them. */
export function codeAt(subject: Subject, address: number, length: number): Uint8Array | null {
  const vdsoBase = VDSO_END - pageUp(subject.vdso.bytes.length);
  if (address >= vdsoBase && address < VDSO_END) {
    return subject.vdso.bytes.subarray(address - vdsoBase, address - vdsoBase + length);
  }
  const inSegment = subject.overlay.segments.find(
    (s) => address >= s.address && address < s.address + s.bytes.length,
  );
  if (inSegment !== undefined) {
    return inSegment.bytes.subarray(address - inSegment.address, address - inSegment.address + length);
  }
  const section = subject.program.sections.find(
    (s) => s.addr !== 0 && address >= s.addr && address < s.addr + s.size,
  );
  if (section === undefined) return null;
  const at = section.offset + address - section.addr;
  return subject.program.bytes.subarray(at, Math.min(at + length, section.offset + section.size));
}
