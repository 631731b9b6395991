// The target `image`: damaged files of every kind, given to everything that reads them.
import type { VdsoImage } from '../../vdso/index.js';
import type { Draws } from '../core/draws.js';
import { mixed } from '../core/random.js';
import type { CaseResult, Finding, Target } from '../core/target.js';
import { damage } from './damage.js';
import { type Original, originals } from './originals.js';
import { type Answer, type Reader, Readers } from './readers.js';

/** A reader takes milliseconds; this is a hang. The clock decides nothing but that. */
const HANG_MS = 10_000;
const MEMORY_MAX = 500e6;
const LINE_MAX = 400;

export interface ImageTrial {
  readonly original: Original;
  readonly reader: Reader;
  readonly bytes: Uint8Array;
}

export class ImageTarget implements Target {
  readonly id = 'image';
  private readonly readers: Readers;
  private readonly files = originals();

  constructor(vdso: VdsoImage) {
    this.readers = new Readers(vdso);
  }

  home(): readonly number[] {
    return [];
  }

  trial(draws: Draws): ImageTrial {
    const original = draws.pick(this.files);
    const reader = draws.pick(this.readers.all.filter(({ kinds }) => kinds.includes(original.kind)));
    return { original, reader, bytes: damage(draws, original.bytes, original.parts) };
  }

  run(draws: Draws): CaseResult {
    const { original, reader, bytes } = this.trial(draws);
    const place = `${reader.name} of ${original.name}`;
    const memory = process.memoryUsage().arrayBuffers;
    const from = Date.now();
    const finding = (rule: string, detail: string): CaseResult => {
      return { runs: 1, reached: [], finding: { rule, place, detail }, inconclusive: null };
    };
    let said: Answer;
    try {
      said = reader.read(bytes);
    } catch (error) {
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return finding('no-crash', text);
    }
    if (Date.now() - from > HANG_MS) return finding('no-hang', `it took more than ${HANG_MS / 1000} s`);
    if (process.memoryUsage().arrayBuffers - memory > MEMORY_MAX)
      return finding('little-memory', `it took more than ${MEMORY_MAX / 1e6} MB`);
    const wrong = wrongWords(said);
    if (wrong !== null) return finding('one-line', wrong);
    return { runs: 1, reached: [wordsOf(place, said)], finding: null, inconclusive: null };
  }

  /** There is no run to replay: the same seed finds it again, and --json has the decisions. */
  token(): null {
    return null;
  }

  close(): void {
    this.readers.close();
  }
}

/** A refusal is one line of a length that can be read. */
function wrongWords({ ok, message }: Answer): Finding['detail'] | null {
  if (ok) return null;
  if (message.trim() === '') return 'it refuses without a reason';
  if (/[\n\r]/.test(message)) return `its reason is more than one line: ${message.slice(0, 60)}`;
  return message.length > LINE_MAX ? `its reason has ${message.length} characters` : null;
}

/** The words without numbers and names: how the reader came to its answer. */
function wordsOf(place: string, { message }: Answer): number {
  const words = `${place}: ${message.replace(/0x[0-9a-f]+|\d+|'[^']*'/g, 'N')}`;
  return [...words].reduce((sum, letter) => mixed(sum ^ letter.charCodeAt(0)), 0);
}
