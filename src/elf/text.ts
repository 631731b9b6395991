// How offsets are written in messages, and bytes read as text.

export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** Bytes as text, one character each (ELF names are bytes without a declared encoding; ASCII in practice). */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
