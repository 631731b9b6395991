// The images set-up has carved: <folder>/<id>.so with what is known of it in <id>.json beside it.
// An image from a kernel package is unpatched and yields one variant for each CPU kind its kernel supports; one read
// from a running process is patched already and stands for itself.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { loadVdso } from './load.js';
import { byVersion } from './order.js';
import { patchAlternatives } from './patch.js';
import { CPU_KINDS, type CpuKind, type Flavour, type VdsoError, type VdsoResult } from './types.js';

const Sidecar = v.object({ flavour: v.picklist(['i386', 'amd64']), patched: v.boolean() });

export type ListedImage = VdsoResult & { readonly id: string };

/** The CPU kinds a kernel of this flavour patches for. */
export function cpuKindsOf(flavour: Flavour): readonly CpuKind[] {
  return flavour === 'i386' ? CPU_KINDS.filter((kind) => kind !== 'syscall') : CPU_KINDS;
}

function bad(id: string, code: VdsoError['code'], message: string): ListedImage {
  return { ok: false, id, error: { code, message } };
}

/** One patched variant of an image as found on disk; its id is '<id>/<cpu>'. */
export function loadVariant(bytes: Uint8Array, id: string, flavour: Flavour, cpu: CpuKind): ListedImage {
  const variant = `${id}/${cpu}`;
  const patched = patchAlternatives(bytes, { cpu, flavour }, variant);
  if (!patched.ok) return { ok: false, id: variant, error: patched.error };
  const loaded = loadVdso(patched.bytes, { id: variant, flavour });
  if (loaded.ok && loaded.image.cpu !== cpu) {
    return bad(
      variant,
      'bad-alternatives',
      `${variant}: patched for ${cpu}, but it enters by ${loaded.image.cpu}`,
    );
  }
  return { ...loaded, id: variant };
}

function readSidecar(path: string): v.InferOutput<typeof Sidecar> | string {
  try {
    const parsed = v.safeParse(Sidecar, JSON.parse(readFileSync(path, 'utf8')));
    if (parsed.success) return parsed.output;
    return parsed.issues.map((issue) => `${v.getDotPath(issue) ?? ''}: ${issue.message}`).join('; ');
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function listOne(folder: string, id: string): ListedImage[] {
  const sidecar = readSidecar(join(folder, `${id}.json`));
  if (typeof sidecar === 'string') return [bad(id, 'unreadable', `${id}.json beside ${id}.so: ${sidecar}`)];
  const bytes = new Uint8Array(readFileSync(join(folder, `${id}.so`)));
  const { flavour } = sidecar;
  if (sidecar.patched) return [{ ...loadVdso(bytes, { id, flavour }), id }];
  return cpuKindsOf(flavour).map((cpu) => loadVariant(bytes, id, flavour, cpu));
}

/** Every image and variant in a folder, oldest kernel first, this machine's last; an image that can't be used is listed with its error. */
export function listImages(folder: string): ListedImage[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const ids = names.filter((name) => name.endsWith('.so')).map((name) => name.slice(0, -3));
  return ids.sort(byVersion).flatMap((id) => listOne(folder, id));
}
