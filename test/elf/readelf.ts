// readelf (GNU binutils) as the judge: its listings as plain rows, to be compared with ours.
import { execaSync } from 'execa';

function lines(flag: string, file: string): string[] {
  return execaSync('readelf', ['-W', flag, file], { env: { LC_ALL: 'C' } }).stdout.split('\n');
}

const number = (text: string | undefined): number => Number.parseInt(text ?? '', 16);

export function judgedSegments(file: string): unknown[] {
  const row = /^ {2}\S+ +0x(\w+) 0x(\w+) 0x\w+ 0x(\w+) 0x(\w+) ([R ])([W ])([E ]) (?:0x)?(\w+)$/;
  return lines('-l', file).flatMap((line) => {
    const m = row.exec(line);
    if (m === null) return [];
    const flags = (m[5] === 'R' ? 4 : 0) + (m[6] === 'W' ? 2 : 0) + (m[7] === 'E' ? 1 : 0);
    const [offset, vaddr, filesz, memsz] = [number(m[1]), number(m[2]), number(m[3]), number(m[4])];
    return [{ offset, vaddr, filesz, memsz, flags, align: number(m[8]) }];
  });
}

export function judgedSections(file: string): unknown[] {
  const row =
    /^ {2}\[ *(\d+)\] (.*?) +(\S+) +(\w{8}) (\w{6}) (\w{6}) (\w\w) +([A-Za-z]*) +(\d+) +(\d+) +(\d+)$/;
  return lines('-S', file).flatMap((line) => {
    const m = row.exec(line);
    if (m === null) return [];
    const place = { addr: number(m[4]), offset: number(m[5]), size: number(m[6]), entsize: number(m[7]) };
    const rest = { link: Number(m[9]), info: Number(m[10]), align: Number(m[11]) };
    return [{ index: Number(m[1]), name: (m[2] ?? '').trim(), ...place, ...rest }];
  });
}

const INDEX: Readonly<Record<string, number>> = { UND: 0, ABS: 0xfff1, COM: 0xfff2 };

/** Every symbol but the null ones, those of .dynsym first as readelf lists them. */
export function judgedSymbols(file: string): unknown[] {
  const row = /^ *(\d+): (\w{8}) +(\w+) (\w+) +(\w+) +(\w+) +(\w+) ?(.*)$/;
  let table = '';
  return lines('-s', file).flatMap((line) => {
    table = /^Symbol table '\.(\w+)'/.exec(line)?.[1] ?? table;
    const m = row.exec(line);
    if (m === null || m[1] === '0') return [];
    const place = { value: number(m[2]), size: Number(m[3]), section: INDEX[m[7] ?? ''] ?? Number(m[7]) };
    const name = (m[8] ?? '').trim().replace(/@.*$/, '');
    return [{ table, index: Number(m[1]), name, ...place, type: m[4], bind: m[5], visibility: m[6] }];
  });
}

export function judgedDynamic(file: string): unknown[] {
  return lines('-d', file).flatMap((line) => {
    const tag = /^ 0x(\w{8}) \((?!NULL)/.exec(line)?.[1];
    return tag === undefined ? [] : [number(tag)];
  });
}

// An indirect function's row has 'name()' in place of the value.
export function judgedRelocations(file: string): unknown[] {
  return lines('-r', file).flatMap((line) => {
    const m = /^(\w{8}) +(\w{8}) (R_\w+)(?: +(?:\w{8}|\S+\(\)) +(\S+))?/.exec(line);
    if (m === null) return [];
    return [{ offset: number(m[1]), type: number(m[2]) & 0xff, typeName: m[3], symbol: m[4] }];
  });
}

export function judgedNotes(file: string): unknown[] {
  return lines('-n', file).flatMap((line) => {
    const m = /^ {2}(\S+) +0x(\w{8})\t/.exec(line);
    return m === null ? [] : [{ name: m[1], size: number(m[2]) }];
  });
}
