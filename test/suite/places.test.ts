// Names of places, and the listing of a sweep.
import { describe, expect, it } from 'vitest';
import { Listing } from '../../src/suite/listing.js';
import { codeAt, placesOf } from '../../src/suite/places.js';
import { cellId, subjectFor, sweptCell } from './cells.js';

const id = cellId('naive-vdso', 'read-empty');

describe('places', () => {
  it('are named by overlay, vDSO and program', (context) => {
    const subject = subjectFor(id, context);
    const place = placesOf(subject);
    const begin = subject.overlaySymbols.get('__cp_begin') ?? 0;
    expect(place(begin)).toEqual({ address: begin, name: '__cp_begin', object: 'overlay' });
    expect(place(begin + 3).name).toBe('__cp_begin+3');
    const read = subject.program.findSymbol('read')?.value ?? 0;
    expect(place(read + 2)).toEqual({ address: read + 2, name: 'read+2', object: 'program' });
    expect(place(0x10)).toEqual({ address: 0x10, name: '0x10', object: 'unknown' });
  });

  it('have code in their files, and none outside of them', (context) => {
    const subject = subjectFor(id, context);
    const read = subject.program.findSymbol('read')?.value ?? 0;
    expect(codeAt(subject, read, 4)).toHaveLength(4);
    expect(codeAt(subject, 0x10, 4)).toBeNull();
  });
});

describe('a listing', () => {
  it('has every swept instruction once, with all of its points', (context) => {
    const subject = subjectFor(id, context);
    const { points } = sweptCell(id, context);
    const listed = new Listing(subject).of(points);
    expect(listed.flatMap((entry) => entry.points)).toHaveLength(points.length);
    const addresses = listed.map(({ line }) => line.address);
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const { line } of listed) expect(line.bytes).toMatch(/^([0-9a-f]{2}){1,15}$/);
  });

  it('shows the call into the vDSO and the trap with the moments of the kernel', (context) => {
    const subject = subjectFor(id, context);
    const { points } = sweptCell(id, context);
    const listed = new Listing(subject).of(points);
    const call = listed.find(({ line }) => line.text === 'call *%gs:0x10');
    expect(call?.line).toMatchObject({ symbol: '__cp_begin', object: 'overlay', bytes: '65ff1510000000' });
    const trap = listed.find(({ line }) => line.text === 'sysenter');
    expect(trap?.line).toMatchObject({ symbol: '__kernel_vsyscall', object: 'vdso' });
    expect(trap?.points.map(({ moment }) => moment)).toEqual(['user', 'entry', 'asleep']);
  });
});
