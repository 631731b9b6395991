// A common information entry: what its frame descriptions share.
// After the length and the id: version u8, augmentation string, [v4: address size u8, segment size u8], ["eh": a word],
// code alignment uleb, data alignment sleb, return register (v1: u8, else uleb), ['z': size uleb, data], program.
// SOURCE: DWARF 2-5 section 6.4.1 "Structure of Call Frame Information", LSB core "Augmentation String Format".
import { CfiFormatError, type Cursor } from './bytes.js';
import { PE, readPointer } from './pointer.js';
import type { CfiSource } from './source.js';
import type { Cie, FrameSection, Pointer } from './types.js';

const VERSIONS: Readonly<Record<FrameSection, readonly number[]>> = {
  eh_frame: [1, 3],
  debug_frame: [1, 3, 4],
};

interface Augmentation {
  pointerEncoding: number;
  lsdaEncoding: number;
  personality: Pointer | undefined;
  signalFrame: boolean;
}

/** The data that the letters after 'z' stand for; `cursor` ends where the augmentation data ends. */
function readAugmentation(source: CfiSource, cursor: Cursor, letters: string, at: number): Augmentation {
  const found: Augmentation = {
    pointerEncoding: PE.ABSPTR,
    lsdaEncoding: 0xff,
    personality: undefined,
    signalFrame: false,
  };
  for (const letter of letters) {
    if (letter === 'R') found.pointerEncoding = cursor.u8('FDE pointer encoding');
    else if (letter === 'L') found.lsdaEncoding = cursor.u8('LSDA encoding');
    else if (letter === 'S') found.signalFrame = true;
    else if (letter === 'P') {
      const encoding = cursor.u8('personality encoding');
      found.personality = readPointer(source, cursor, encoding, 'personality');
    } else {
      throw new CfiFormatError(at, `augmentation letter '${letter}' is not known: its CIE cannot be used`);
    }
  }
  return found;
}

function checkSizes(cursor: Cursor, at: number): void {
  const addressSize = cursor.u8('address size');
  const segmentSize = cursor.u8('segment size');
  if (addressSize !== 4 || segmentSize !== 0) {
    throw new CfiFormatError(
      at,
      `addresses of ${addressSize} bytes and segments of ${segmentSize}: not i386`,
    );
  }
}

/** Reads a CIE; `cursor` stands after its id and ends at its end, `offset` is its own. Throws CfiFormatError. */
export function readCie(source: CfiSource, kind: FrameSection, cursor: Cursor, offset: number): Cie {
  const version = cursor.u8('CIE version');
  if (!VERSIONS[kind].includes(version)) {
    throw new CfiFormatError(offset, `CIE version ${version} is not one of ${VERSIONS[kind].join(', ')}`);
  }
  const augmentation = cursor.text('augmentation');
  if (version >= 4) checkSizes(cursor, offset);
  if (augmentation === 'eh') cursor.u32('exception table');
  const codeAlign = cursor.uleb('code alignment');
  const dataAlign = cursor.sleb('data alignment');
  const returnRegister = version === 1 ? cursor.u8('return register') : cursor.uleb('return register');
  let data: Augmentation = readAugmentation(source, cursor, '', offset);
  if (augmentation.startsWith('z')) {
    const size = cursor.uleb('augmentation size');
    data = readAugmentation(source, cursor.sub(size, 'augmentation data'), augmentation.slice(1), offset);
  } else if (augmentation !== '' && augmentation !== 'eh') {
    throw new CfiFormatError(offset, `augmentation '${augmentation}' is not known: its CIE cannot be used`);
  }
  const program = cursor.bytes.subarray(cursor.at, cursor.end);
  return { offset, version, augmentation, codeAlign, dataAlign, returnRegister, ...data, program };
}
