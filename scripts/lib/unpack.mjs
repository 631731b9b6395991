// From a downloaded package to what is kept of it.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { carve } from '../carve.mjs';
import { avoidPushRelaxation } from './got32x.mjs';
import { SetupError } from './log.mjs';
import { run } from './run.mjs';
import { sha256 } from './stamp.mjs';

/** Unpacks a package and copies the named members. @param {string} deb @param {[string, string][]} take @param {string} to folder */
export const takeMembers = (deb, take, scratch, to) => {
  rmSync(scratch, { recursive: true, force: true });
  run('unpack-failed', `unpacking ${deb}`, 'dpkg-deb', ['-x', deb, scratch]);
  copyMembers(deb, scratch, take, to);
  rmSync(scratch, { recursive: true, force: true });
};

/** Copies members of an unpacked tree. @param {string} what it is, for messages @param {string} tree @param {[string, string][]} take */
export const copyMembers = (what, tree, take, to) => {
  for (const [from, name] of take) {
    const source = join(tree, from);
    if (!existsSync(source)) throw new SetupError('member-missing', `${what} holds no ${from}`);
    mkdirSync(dirname(join(to, name)), { recursive: true });
    cpSync(source, join(to, name), { recursive: true, dereference: false, verbatimSymlinks: true });
    if (/\.[ao]$/.test(name)) prepareForLinking(join(to, name));
  }
};

/** Object files of a newer compiler are made fit for an older linker. @param {string} file an object file or an archive */
export const prepareForLinking = (file) => {
  const bytes = readFileSync(file);
  if (avoidPushRelaxation(bytes) > 0) writeFileSync(file, bytes);
};

/** The kernel image in an unpacked package: /boot/vmlinuz-RELEASE, from 7.2 on /usr/lib/modules/RELEASE/vmlinuz. */
const findKernel = (folder) => {
  const list = (d) => (existsSync(join(folder, d)) ? readdirSync(join(folder, d)) : []);
  const boot = list('boot').find((n) => n.startsWith('vmlinuz-'));
  if (boot) return { member: `boot/${boot}`, release: boot.slice('vmlinuz-'.length) };
  for (const modules of ['usr/lib/modules', 'lib/modules']) {
    const release = list(modules).find((r) => existsSync(join(folder, modules, r, 'vmlinuz')));
    if (release) return { member: `${modules}/${release}/vmlinuz`, release };
  }
  return undefined;
};

/**
 * Carves the vDSO images of a kernel package into `dir`/ID.so (+ ID.json); several images are ID.1.so, ID.2.so, …
 * @returns {{ member: string, images: { file: string, sha256: string, size: number }[] }} size in bytes
 */
export const takeVdso = (deb, entry, scratch, dir) => {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  // Not dpkg-deb -x: of up to 200 MB of modules only the kernel itself is wanted.
  const pipe = `dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --wildcards './boot/vmlinuz-*' './usr/lib/modules/*/vmlinuz' './lib/modules/*/vmlinuz' 2>/dev/null`;
  run('unpack-failed', `unpacking ${deb}`, 'sh', ['-c', `${pipe} || true`, 'sh', deb, scratch]);
  const kernel = findKernel(scratch);
  if (!kernel) throw new SetupError('member-missing', `${deb} holds no vmlinuz`);
  const images = carve(readFileSync(join(scratch, kernel.member)));
  mkdirSync(dir, { recursive: true });
  const written = images.map((image, i) => {
    const id = images.length === 1 ? entry.id : `${entry.id}.${i + 1}`;
    const facts = {
      id,
      source: 'kernel package',
      package: entry.package,
      version: entry.version,
      flavour: entry.architecture,
      release: kernel.release,
      member: kernel.member,
      patched: false,
      size: image.bytes.length,
      sha256: sha256(image.bytes),
    };
    writeFileSync(join(dir, `${id}.so`), image.bytes);
    writeFileSync(join(dir, `${id}.json`), `${JSON.stringify(facts, null, 2)}\n`);
    return { file: `${id}.so`, sha256: facts.sha256, size: facts.size };
  });
  rmSync(scratch, { recursive: true, force: true });
  return { member: kernel.member, images: written };
};
