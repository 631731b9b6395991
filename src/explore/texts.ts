// Plain data as text, and texts as small numbers: what keys of states are made of.
import { createHash } from 'node:crypto';

/** Bytes that go into a text by their hash. */
const MANY_BYTES = 64;

export class Texts {
  private readonly ids = new Map<string, number>();
  /** Of the elements of arrays, which outlive the arrays: a table of 64 actions changes one at a time. */
  private readonly elements = new WeakMap<object, number>();

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
    let text = '';
    if (Array.isArray(value)) {
      for (const element of value) text += `${this.ofElement(element)},`;
      return `[${text}]`;
    }
    for (const [name, part] of Object.entries(value)) text += `${name}:${this.of(part)},`;
    return `{${text}}`;
  }

  private ofElement(element: unknown): string {
    if (typeof element !== 'object' || element === null) return this.of(element);
    let id = this.elements.get(element);
    if (id === undefined) {
      id = this.id(this.ofObject(element));
      this.elements.set(element, id);
    }
    return `#${id}`;
  }
}

function bytesText(bytes: Uint8Array): string {
  if (bytes.length > MANY_BYTES) return `sha1 ${createHash('sha1').update(bytes).digest('base64')}`;
  return `bytes ${bytes.join(' ')}`;
}
