import { decodeOne } from '../asm/disassemble.js';
import type { Subject } from '../explore/subject.js';
import { codeAt, type NamePlace, placesOf } from './places.js';
import type { PointResult } from './types.js';

/** Disassembly of the swept instructions, in the order in which the thread first came to them. */
export interface ListedInstruction {
  readonly address: number;
  /** Such as __kernel_vsyscall+3. */
  readonly name: string;
  /** The function or label the instruction belongs to, without the offset. */
  readonly symbol: string;
  readonly object: string;
  /** Hexadecimal, without blanks. */
  readonly bytes: string;
  /** AT&T syntax. */
  readonly text: string;
}

const LONGEST = 15;

export class Listing {
  private readonly place: NamePlace;
  private readonly known = new Map<number, ListedInstruction>();

  constructor(private readonly subject: Subject) {
    this.place = placesOf(subject);
  }

  at(address: number): ListedInstruction {
    const known = this.known.get(address);
    if (known !== undefined) return known;
    const { name, object } = this.place(address);
    const bytes = codeAt(this.subject, address, LONGEST);
    const decoded =
      bytes === null ? undefined : decodeOne(bytes, address, (target) => this.place(target).name);
    const line = {
      address,
      name,
      symbol: name.replace(/\+\d+$/, ''),
      object,
      bytes: decoded === undefined ? '' : Buffer.from(decoded.bytes).toString('hex'),
      text: decoded?.text ?? '(no code here)',
    };
    this.known.set(address, line);
    return line;
  }

  /** One line an instruction, with the results of its points. */
  of(points: readonly PointResult[]): { line: ListedInstruction; points: PointResult[] }[] {
    const lines = new Map<number, { line: ListedInstruction; points: PointResult[] }>();
    for (const point of points) {
      const { address } = point.place;
      const entry = lines.get(address) ?? { line: this.at(address), points: [] };
      entry.points.push(point);
      lines.set(address, entry);
    }
    return [...lines.values()];
  }
}
