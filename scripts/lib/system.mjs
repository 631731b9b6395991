// Installs missing system packages with the machine's apt (the only step that changes the system; needs root or sudo).
import { SetupError, say } from './log.mjs';
import { commandPath, missingPackages } from './packages.mjs';
import { attempt } from './run.mjs';

const installCommand = (names) => `apt-get install -y --no-install-recommends ${names.join(' ')}`;

/** How to become root: [] as root, sudo where it asks for no password, undefined when there is no way. */
const rootPrefix = () => {
  if (process.getuid?.() === 0) return [];
  return attempt('sudo', ['-n', 'true']).ok ? ['sudo', '-n'] : undefined;
};

const cantInstall = (names, why) =>
  new SetupError(
    'system-packages',
    names.map((n) => `missing ${n}: ${why}; run: sudo ${installCommand([n])}`).join('\n'),
  );

/** @throws {SetupError} with one line and the exact command for each package that could not be had */
export const installSystemPackages = () => {
  const names = missingPackages();
  if (names.length === 0) return;
  if (!commandPath('apt-get')) throw cantInstall(names, 'there is no apt-get here');
  const prefix = rootPrefix();
  if (!prefix) throw cantInstall(names, 'neither root nor password-free sudo');
  say(`installing ${names.join(', ')}`);
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => {
    const [command, ...rest] = [...prefix, 'apt-get', '-q', ...args];
    return attempt(command, rest, { env });
  };
  const install = () => apt('install', '-y', '--no-install-recommends', ...names);
  // Indexes may be missing (fresh container) or old: one update, one more try.
  if (!install().ok) {
    apt('update');
    const again = install();
    if (!again.ok) throw cantInstall(missingPackages(), again.reason);
  }
  const still = missingPackages();
  if (still.length > 0) throw cantInstall(still, 'apt-get installed it, but it is still not found');
};
