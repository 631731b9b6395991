// The table of real code under test: which Debian package it is in, and what is taken out of it.
//
// A fixture has one or more `ways` to get it; a way is one suite and architecture and one or more packages. The way that
// fixtures/lock.json names is tried first. `default: false` = only with --all. `required` = nothing works without it.

/**
 * @typedef {{ prefix: string, name: RegExp, version: RegExp, take: [from: string, to: string][] }} Part
 * @typedef {{ suite: string, architecture: 'i386' | 'amd64' | 'source', parts: Part[] }} Way
 * @typedef {{ id: string, kind: 'libc' | 'libgcc' | 'headers' | 'vdso', default: boolean, required: boolean, ways: Way[] }} Wanted
 */

const exactly = (text) => new RegExp(`^${text.replace(/[.+]/g, '\\$&')}$`);
const upstream = (version) => new RegExp(`^(?:\\d+:)?${version.replace(/\./g, '\\.')}(?![0-9.])`);
const part = (name, version, take) => ({ prefix: name, name: exactly(name), version, take });

const crt = ['crt1.o', 'rcrt1.o', 'crti.o', 'crtn.o', 'libc.a'];
const libraries = (folder, names) => names.map((n) => [`${folder}/${n}`, `lib/${n}`]);

const musl = (version, suite, isDefault, moreWays = []) => ({
  id: `musl-${version}`,
  kind: 'libc',
  default: isDefault,
  required: isDefault,
  ways: [
    {
      suite,
      architecture: 'i386',
      parts: [
        part('musl-dev', upstream(version), [
          ...libraries('usr/lib/i386-linux-musl', crt),
          ['usr/include/i386-linux-musl', 'include'],
        ]),
      ],
    },
    ...moreWays,
  ],
});

/** For where the i386 index of a suite can't be had: the library is built here from Debian's source package. */
const muslSource = (version, suite) => ({
  suite,
  architecture: 'source',
  parts: [part('musl', upstream(version), [...libraries('lib', crt), ['include', 'include']])],
});

const libgcc = (major, version, suite, isDefault) => ({
  id: `libgcc-${major}`,
  kind: 'libgcc',
  default: isDefault,
  required: isDefault,
  ways: [
    {
      suite,
      architecture: 'i386',
      parts: [
        part(
          `libgcc-${major}-dev`,
          upstream(version),
          libraries(`usr/lib/gcc/i686-linux-gnu/${major}`, [
            ...['libgcc.a', 'libgcc_eh.a'],
            ...['crtbeginT.o', 'crtbeginS.o', 'crtend.o', 'crtendS.o'],
          ]),
        ),
      ],
    },
  ],
});

// The i386 package; where the i386 index of a suite can't be had, the same library built as amd64's 32-bit multilib.
const glibc = (version, suite, isDefault, extra = []) => ({
  id: `glibc-${version}`,
  kind: 'libc',
  default: isDefault,
  required: false,
  ways: [
    {
      suite,
      architecture: 'i386',
      parts: [
        part('libc6-dev', upstream(version), [
          ...libraries('usr/lib/i386-linux-gnu', [...crt, ...extra]),
          ['usr/include/i386-linux-gnu', 'include/triplet'],
          ['usr/include', 'include/common'],
        ]),
      ],
    },
    {
      suite,
      architecture: 'amd64',
      parts: [
        part('libc6-dev-i386', upstream(version), [
          ...libraries('usr/lib32', [...crt, ...extra]),
          ['usr/include/x86_64-linux-gnu', 'include/triplet'],
        ]),
        part('libc6-dev', upstream(version), [
          ['usr/include/x86_64-linux-gnu', 'include/triplet'],
          ['usr/include', 'include/common'],
        ]),
      ],
    },
  ],
});

// `series` is the kernel's x.y; package names carry the full release. From 6.19 on the image is a package of its own.
const kernel = (series, flavour, suite, isDefault) => {
  const architecture = flavour.endsWith('amd64') ? 'amd64' : 'i386';
  const [major, minor] = series.split('.').map(Number);
  const prefix = major > 6 || minor >= 19 ? 'linux-binary-' : 'linux-image-';
  const release = `${series.replace('.', '\\.')}\\.[0-9][0-9.]*(?:\\+deb1[0-9](?:\\.[0-9]+)?|-[0-9]+|-0\\.deb1[0-9]\\.[0-9]+)?`;
  return {
    id: `${series}-${flavour}`,
    kind: 'vdso',
    default: isDefault,
    required: false,
    ways: [
      {
        suite,
        architecture,
        parts: [
          {
            prefix: `${prefix}${series}.`,
            name: new RegExp(`^${prefix}${release}-${flavour}$`),
            version: new RegExp(`^${series.replace('.', '\\.')}\\.`),
            take: [],
          },
        ],
      },
    ],
  };
};

/** @type {Wanted[]} in the order they are fetched: what everything else needs comes first */
export const wanted = [
  musl('1.2.3', 'bookworm', true),
  libgcc('12', '12.2.0', 'bookworm', true),
  {
    id: 'linux-headers',
    kind: 'headers',
    default: true,
    required: true,
    ways: [
      {
        suite: 'bookworm',
        architecture: 'i386',
        parts: [
          part('linux-libc-dev', /^6\.1\./, [
            ['usr/include/i386-linux-gnu/asm', 'include/asm'],
            ['usr/include/asm-generic', 'include/asm-generic'],
            ['usr/include/linux', 'include/linux'],
          ]),
        ],
      },
    ],
  },
  glibc('2.36', 'bookworm', true),
  kernel('6.19', 'amd64', 'trixie-backports', true),
  kernel('7.0', 'amd64', 'trixie-backports', true),
  kernel('7.3', 'amd64', 'trixie-backports', true),
  glibc('2.41', 'trixie', true),
  kernel('6.1', '686', 'bookworm', true),
  musl('1.2.2', 'bullseye', false),
  musl('1.2.5', 'trixie', false, [muslSource('1.2.5', 'trixie')]),
  musl('1.2.6', 'sid', false),
  // Up to 2.33 threads and timers are libraries of their own, and libgcc_eh.a must not ask for what only 2.35 brought.
  libgcc('10', '10.2.1', 'bullseye', false),
  glibc('2.31', 'bullseye', false, ['librt.a', 'libpthread.a']),
  glibc('2.43', 'sid', false),
  glibc('2.44', 'experimental', false),
  kernel('5.10', '686', 'bullseye', false),
  kernel('5.10', '686-pae', 'bullseye', false),
  kernel('5.10', 'cloud-amd64', 'bullseye', false),
  kernel('6.1', '686-pae', 'bookworm', false),
  kernel('6.1', 'cloud-amd64', 'bookworm', false),
  kernel('6.5', '686', 'bookworm-backports', false),
  kernel('6.5', '686-pae', 'bookworm-backports', false),
  kernel('6.12', 'cloud-amd64', 'trixie', false),
  kernel('6.16', 'cloud-amd64', 'trixie-backports', false),
  kernel('6.17', 'cloud-amd64', 'trixie-backports', false),
  kernel('6.18', 'cloud-amd64', 'trixie-backports', false),
  kernel('7.1', 'amd64', 'trixie-backports', false),
  kernel('7.2', 'amd64', 'trixie-backports', false),
];
