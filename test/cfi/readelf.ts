// readelf's reading of frame information, as one line an entry, column or row; and ours put in the same lines.
import { execaSync } from 'execa';
import {
  cfaText,
  type FileFrames,
  type Frames,
  type Row,
  registerName,
  ruleText,
} from '../../src/cfi/index.js';

/** Lines by archive member ('' in a plain file). */
export type Listings = ReadonlyMap<string, readonly string[]>;

const hex8 = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/** Columns that say nothing are left out: which ones readelf shows depends on the registers its programs name. */
function rowLine(address: string, cfa: string, columns: readonly (readonly [string, string])[]): string {
  const said = columns.filter(([, text]) => text !== 'u').map(([name, text]) => `${name}=${text}`);
  return [address, cfa, ...said.sort()].join(' ');
}

const ENTRY =
  /^([0-9a-f]{8}) ([0-9a-f]{8}) ([0-9a-f]{8}) (?:CIE "([^"]*)" cf=(\d+) df=(-?\d+) ra=(\d+)|FDE cie=([0-9a-f]{8}) pc=([0-9a-f]{8})\.\.([0-9a-f]{8}))/;

export function judgedFrames(path: string): Listings {
  const { stdout } = execaSync('readelf', ['--debug-dump=frames-interp', path], {
    env: { LC_ALL: 'C' },
    maxBuffer: 1 << 28,
  });
  const listings = new Map<string, string[]>();
  let lines: string[] = [];
  listings.set('', lines);
  let columns: string[] = [];
  for (const line of stdout.split('\n')) {
    const member = /^File: .*\((.*)\)$/.exec(line)?.[1];
    const section = /^Contents of the \.(eh_frame|debug_frame) section/.exec(line)?.[1];
    const entry = ENTRY.exec(line);
    if (member !== undefined) {
      lines = listings.get(member) ?? [];
      listings.set(member, lines);
    } else if (section !== undefined) lines.push(section);
    else if (entry !== null) {
      const [, at, , , augmentation, code, data, ra, cie, from, to] = entry;
      if (cie === undefined) lines.push(`${at} CIE ${augmentation} ${code} ${data} ${ra}`);
      else lines.push(`${at} FDE ${cie} ${from}..${to}`);
    } else if (/^ +LOC +CFA/.test(line)) columns = line.trim().split(/ +/).slice(2);
    else if (/^[0-9a-f]{8} (?!ZERO)/.test(line)) {
      // DW_CFA_register shows as 'r1 (ecx)': two words for one column.
      const plain = line.replace(/r\d+ ?\((\w+)\)/g, '$1');
      const [address = '', cfa = '', ...rules] = plain.trim().split(/ +/);
      lines.push(
        rowLine(
          address,
          cfa,
          columns.map((name, i) => [name, rules[i] ?? '?'] as const),
        ),
      );
    }
  }
  return listings;
}

function ownRow({ address, cfa, registers }: Row): string {
  const columns = [...registers].map(([register, rule]) => [registerName(register), ruleText(rule)] as const);
  return rowLine(hex8(address), cfaText(cfa), columns);
}

/** Our reading in the same lines. A program of nothing but DW_CFA_nop has no row in readelf's. */
function framesLines(frames: Frames): string[] {
  const entries: { offset: number; lines: string[] }[] = [];
  for (const cie of frames.cies) {
    const { offset, augmentation, codeAlign, dataAlign, returnRegister } = cie;
    const initial = frames.initialRows.get(cie);
    const head = `${hex8(offset)} CIE ${augmentation} ${codeAlign} ${dataAlign} ${returnRegister}`;
    const shown = initial !== undefined && cie.program.some((byte) => byte !== 0);
    entries.push({ offset, lines: [head, ...(shown ? [ownRow(initial)] : [])] });
  }
  for (const table of frames.rows) {
    const { offset, cie, start, size, program } = table.fde;
    const head = `${hex8(offset)} FDE ${hex8(cie.offset)} ${hex8(start.address)}..${hex8(start.address + size)}`;
    entries.push({
      offset,
      lines: [head, ...(program.every((byte) => byte === 0) ? [] : table.rows.map(ownRow))],
    });
  }
  const sorted = entries.sort((a, b) => a.offset - b.offset);
  return [frames.section, ...sorted.flatMap(({ lines }) => lines)];
}

export function ownFrames(frames: FileFrames): string[] {
  return frames.tables.flatMap(framesLines);
}
