// fixtures/cache/vdso/host.so: the image this machine's kernel maps, already patched for this CPU.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { arch, release } from 'node:os';
import { join } from 'node:path';
import { ownVdso } from '../own-vdso.mjs';
import { say, size } from './log.mjs';
import { vdsoDir } from './paths.mjs';
import { sha256 } from './stamp.mjs';

/**
 * Nothing to download; looked at anew for every kernel release.
 * @param {Record<string, any>} status @returns {Record<string, any>} the same object when nothing changed
 */
export const hostVdso = (status) => {
  const now = release();
  if (
    status.host &&
    status.host.release === now &&
    (status.host.state !== 'ready' || existsSync(join(vdsoDir, 'host.so')))
  )
    return status;
  const own = ownVdso();
  if (!own.ok) {
    say(`this machine's vDSO: skipped, ${own.reason}`);
    return {
      ...status,
      host: { state: 'unavailable', kind: 'vdso', release: now, reason: own.reason, files: [], packages: [] },
    };
  }
  mkdirSync(vdsoDir, { recursive: true });
  const flavour = arch() === 'ia32' ? 'i386' : 'amd64';
  const facts = {
    id: 'host',
    source: 'this machine',
    flavour,
    release: now,
    patched: true,
    size: own.image.length,
    sha256: sha256(own.image),
  };
  writeFileSync(join(vdsoDir, 'host.so'), own.image);
  writeFileSync(join(vdsoDir, 'host.json'), `${JSON.stringify(facts, null, 2)}\n`);
  say(`this machine's vDSO (${now}): ${size(own.image.length)}`);
  return {
    ...status,
    host: { state: 'ready', kind: 'vdso', release: now, files: ['vdso/host.so'], packages: [] },
  };
};
