import { errno } from '../abi/errno.js';
import type { Kernel } from '../kernel.js';
import { addObject } from './descriptors.js';
import { procChildren, procEntry } from './proc.js';
import type { FileObject } from './types.js';

/**
 * The in-memory file tree: objects with a path, no links. The guest never sees the host's files.
 */
export type TreeEntry = Extract<FileObject, { kind: 'regular' | 'directory' | 'device' }>;

export type LookUp =
  | { readonly ok: true; readonly entry: TreeEntry }
  | { readonly ok: false; readonly error: number };

const devices = ['null', 'zero', 'full', 'urandom'] as const;

/** Absolute path without `.`, `..` and doubled slashes. */
export function normalise(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

function pathOf(entry: TreeEntry): string {
  return entry.kind === 'device' ? `/dev/${entry.name}` : entry.path;
}

export function isTreeKind(object: FileObject): object is TreeEntry {
  return object.kind === 'device' || object.kind === 'directory' || object.kind === 'regular';
}

function isTreeEntry(object: FileObject): object is TreeEntry {
  return isTreeKind(object) && (object.kind === 'device' || object.links > 0);
}

export function lookUp(kernel: Kernel, path: string): LookUp {
  const entry = kernel.state.objects.filter(isTreeEntry).find((object) => pathOf(object) === path);
  if (entry !== undefined) return { ok: true, entry };
  const made = procEntry(kernel, path);
  if (made !== null) return { ok: true, entry: made };
  const parent = parentOf(path);
  if (parent === path) return { ok: false, error: errno.ENOENT };
  const above = lookUp(kernel, parent);
  if (above.ok && above.entry.kind !== 'directory') return { ok: false, error: errno.ENOTDIR };
  return above.ok ? { ok: false, error: errno.ENOENT } : above;
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** A new empty file; the parent must be a directory. */
export function createFile(kernel: Kernel, path: string, mode: number): LookUp {
  const parent = lookUp(kernel, parentOf(path));
  if (!parent.ok) return parent;
  if (parent.entry.kind !== 'directory') return { ok: false, error: errno.ENOTDIR };
  const entry = addObject(kernel, (id) => ({
    kind: 'regular',
    id,
    data: new Uint8Array(0),
    mode,
    links: 1,
    path,
  }));
  return { ok: true, entry };
}

export function createDirectory(kernel: Kernel, path: string): LookUp {
  const parent = lookUp(kernel, parentOf(path));
  if (!parent.ok) return parent;
  if (parent.entry.kind !== 'directory') return { ok: false, error: errno.ENOTDIR };
  return { ok: true, entry: addObject(kernel, (id) => ({ kind: 'directory', id, path, links: 1 })) };
}

/** Names in a directory, sorted. */
export function childrenOf(kernel: Kernel, path: string): { name: string; entry: TreeEntry }[] {
  const prefix = path === '/' ? '/' : `${path}/`;
  const made = (procChildren(kernel, path) ?? []).flatMap((name) => {
    const entry = procEntry(kernel, `${path}/${name}`);
    return entry === null ? [] : [{ name, entry }];
  });
  const kept = kernel.state.objects
    .filter(isTreeEntry)
    .map((entry) => ({ entry, full: pathOf(entry) }))
    .filter(
      ({ full }) => full.startsWith(prefix) && full !== path && !full.slice(prefix.length).includes('/'),
    )
    .map(({ entry, full }) => ({ name: full.slice(prefix.length), entry }));
  return [...kept, ...made].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The directories and devices every program finds. */
export function plantTree(kernel: Kernel): void {
  for (const path of ['/', '/dev', '/etc', '/proc', '/tmp', '/var', '/var/tmp']) {
    addObject(kernel, (id) => ({ kind: 'directory', id, path, links: 1 }));
  }
  for (const name of devices) addObject(kernel, (id) => ({ kind: 'device', id, name }));
}
