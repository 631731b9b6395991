// `sigsweep vdso`: the entry code of kernels: which there are, how they read, which form a build has, how to get more.

import type { Command } from 'commander';
import { fetchFixtures } from '../../../scripts/fetch.mjs';
import { styleFor } from '../../report/style.js';
import { allImages } from '../../suite/catalog.js';
import { SETUP } from '../../suite/folders.js';
import { InputError } from '../errors.js';
import { chooseVdso } from '../input.js';
import { EXIT, type Io, writeJson } from '../io.js';
import { originOf } from '../sidecar.js';
import { imageList, imageListText } from '../vdso/list.js';
import { isKnown, nameFile, namesText } from '../vdso/name.js';
import { entryCode, entryText } from '../vdso/show.js';

interface Json {
  readonly json?: true;
}

export function addVdso(program: Command, io: Io, done: (code: number) => void): void {
  const vdso = program
    .command('vdso')
    .description('the kernels’ 32-bit vDSO images: list, disassemble, name the form, fetch')
    .option('--json', 'the list for machines')
    .action((options: Json) => done(list(options.json === true, io)));
  vdso
    .command('show')
    .description('disassemble __kernel_vsyscall; trap, landing pad and restart are marked')
    .argument('<image>', 'an id of the list, such as 6.1-686/sysenter or host')
    .option('--json', 'the same for machines')
    .action((id: string, options: Json) => done(show(id, isJson(vdso, options), io)));
  vdso
    .command('name')
    .description('name the form of a vdso32.so, or of every one inside a kernel (bzImage or vmlinux)')
    .argument('<file>', 'such as arch/x86/entry/vdso/vdso32.so.dbg of a build, or /boot/vmlinuz-…')
    .option('--json', 'the same for machines')
    .action((path: string, options: Json) => done(name(path, isJson(vdso, options), io)));
  vdso
    .command('fetch')
    .description('get the images that are missing from Debian’s archive, by the machine’s own apt')
    .argument('[id...]', 'only these, such as 6.12-cloud-amd64; default: the set every sweep uses')
    .option('--all', 'every kernel and C library of the table: more than 1 GB of downloads')
    .action((ids: string[], options: { all?: true }) => done(fetchImages(ids, options.all === true, io)));
}

/** --json may stand before or behind the subcommand's name. */
function isJson(vdso: Command, own: Json): boolean {
  return own.json === true || vdso.opts<Json>().json === true;
}

function list(json: boolean, io: Io): number {
  const listed = imageList(allImages());
  if (listed.images.length === 0) {
    throw new InputError(`there are no vDSO images: get them with "${SETUP}"`);
  }
  if (json) writeJson(io, { ...listed });
  else io.out(imageListText(listed, styleFor(io.colour)));
  return listed.unusable.length === 0 ? EXIT.clean : EXIT.inconclusive;
}

function show(id: string, json: boolean, io: Io): number {
  const image = chooseVdso(id);
  if (!json) {
    io.out(entryText(image, styleFor(io.colour)));
    return EXIT.clean;
  }
  const { form, cpu, flavour } = image;
  writeJson(io, { id: image.id, form, cpu, flavour, origin: originOf(image.id), code: entryCode(image) });
  return EXIT.clean;
}

function name(path: string, json: boolean, io: Io): number {
  const images = nameFile(path);
  if (json) writeJson(io, { file: path, images });
  else io.out(namesText(path, images, styleFor(io.colour)));
  return isKnown(images) ? EXIT.clean : EXIT.inconclusive;
}

function fetchImages(ids: readonly string[], all: boolean, io: Io): number {
  try {
    fetchFixtures({ all, retry: true, ids });
  } catch (error) {
    if (error instanceof Error && 'exitCode' in error) throw new InputError(error.message);
    throw error;
  }
  io.err(
    'sigsweep: everything that was asked for is here, or said above; "sigsweep vdso" lists the images\n',
  );
  return EXIT.clean;
}
