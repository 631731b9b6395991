// What set-up noted about each image: fixtures/cache/vdso/ID.json, where ID is the image's id without the CPU.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { CACHE } from '../suite/catalog.js';

const Sidecar = v.object({
  release: v.string(),
  package: v.optional(v.string()),
  version: v.optional(v.string()),
});

/** Where an image comes from: the kernel's release, and its package unless it is this machine's own. */
export type Origin = v.InferOutput<typeof Sidecar>;

/** Null when set-up left no readable note: the image itself is then listed with its error. */
export function originOf(imageId: string): Origin | null {
  const base = imageId.replace(/\/(?:int80|sysenter|syscall)$/, '');
  try {
    const parsed = v.safeParse(
      Sidecar,
      JSON.parse(readFileSync(join(CACHE, 'vdso', `${base}.json`), 'utf8')),
    );
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
