// Plain data as text, and texts as small numbers: what keys of states are made of.
import { createHash } from 'node:crypto';

/** Bytes that go into a text by their hash. */
const MANY_BYTES = 64;

/** Its elements, what each of them is as text, and all of it. */
interface SeenArray {
  readonly elements: unknown[];
  readonly texts: string[];
  text: string;
}

export class Texts {
  private readonly ids = new Map<string, number>();
  /** The last array of each length: a table of 64 actions changes one at a time. */
  private readonly arrays = new Map<number, SeenArray>();

  /** Equal texts have equal numbers, from 0 on in order of their first use. */
  id(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.ids.size;
    this.ids.set(text, id);
    return id;
  }

  /** Of an immutable value: different values have different texts, but for the order of an object's properties. */
  of(value: unknown): string {
    switch (typeof value) {
      case 'object':
        return value === null ? 'null' : this.ofObject(value);
      case 'string':
        return JSON.stringify(value);
      case 'bigint':
        return `${value}n`;
      default:
        return String(value);
    }
  }

  private ofObject(value: object): string {
    if (value instanceof Uint8Array) return bytesText(value);
    if (Array.isArray(value)) return this.ofArray(value);
    let text = '';
    for (const [name, part] of Object.entries(value)) text += `${name}:${this.of(part)},`;
    return `{${text}}`;
  }

  private ofArray(value: readonly unknown[]): string {
    const seen = this.arrays.get(value.length) ?? { elements: [], texts: [], text: '[]' };
    let isNew = false;
    for (let i = 0; i < value.length; i++) {
      const element = value[i];
      if (i < seen.texts.length && seen.elements[i] === element) continue;
      // An array of the same length inside leaves its own texts there; this one, which contains them, is none of them.
      const text = this.of(element);
      isNew ||= seen.texts[i] !== text;
      seen.elements[i] = element;
      seen.texts[i] = text;
    }
    if (isNew) seen.text = `[${seen.texts.join()}]`;
    this.arrays.set(value.length, seen);
    return seen.text;
  }
}

function bytesText(bytes: Uint8Array): string {
  if (bytes.length > MANY_BYTES) return `sha1 ${createHash('sha1').update(bytes).digest('base64')}`;
  return `bytes ${bytes.join(' ')}`;
}
