// The rarer parts of the format, made with GNU as or by hand: no library has them all.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFileFrames, rowAt } from '../../src/cfi/index.js';
import { parseElf } from '../../src/elf/index.js';
import { withAssembled } from './assembled.js';
import { judgedFrames, ownFrames } from './readelf.js';

const every = (escapes: string): string => `
	.text
f:	.cfi_startproc
	.cfi_remember_state
	nop
${escapes}
	nop
	.cfi_restore_state
	.skip 70
	.cfi_def_cfa_offset 8
	.skip 300
	.cfi_def_cfa_offset 12
	.skip 70000
	.cfi_def_cfa_offset 16
	nop
	.cfi_endproc
`;

const ESCAPES: readonly (readonly [string, string, string])[] = [
  ['DW_CFA_offset_extended', '.cfi_escape 5, 6, 3', 'esi=c-12'],
  ['DW_CFA_restore_extended', '.cfi_escape 6, 8', 'ra=c-4'],
  ['DW_CFA_undefined', '.cfi_undefined 8', 'esp+4'],
  ['DW_CFA_same_value', '.cfi_same_value 3', 'ebx=s'],
  ['DW_CFA_register', '.cfi_register 3, 6', 'ebx=esi'],
  ['DW_CFA_def_cfa_expression', '.cfi_escape 0x0f, 2, 0x75, 8', 'exp'],
  ['DW_CFA_expression', '.cfi_escape 0x10, 3, 2, 0x75, 4', 'ebx=exp'],
  ['DW_CFA_val_expression', '.cfi_escape 0x16, 3, 2, 0x75, 4', 'ebx=vexp'],
  ['DW_CFA_offset_extended_sf', '.cfi_escape 0x11, 3, 0x7e', 'ebx=c+8'],
  ['DW_CFA_def_cfa_sf', '.cfi_escape 0x12, 5, 0x7e', 'ebp+8'],
  ['DW_CFA_def_cfa_offset_sf', '.cfi_escape 0x13, 0x7e', 'esp+8'],
  ['DW_CFA_val_offset', '.cfi_escape 0x14, 4, 2', 'esp=v-8'],
  ['DW_CFA_val_offset_sf', '.cfi_escape 0x15, 4, 0x7e', 'esp=v+8'],
  ['DW_CFA_GNU_args_size', '.cfi_escape 0x2e, 16', 'esp+4'],
  ['DW_CFA_GNU_negative_offset_extended', '.cfi_escape 0x2f, 3, 2', 'ebx=c+8'],
];

describe('operations', () => {
  it.each(ESCAPES)('%s', (_name, text, expected) => {
    withAssembled(every(text), (path, bytes) => {
      const parsed = parseElf(bytes, 'a.o');
      if (!parsed.ok) throw new Error(parsed.error.message);
      const lines = ownFrames(readFileFrames(parsed.elf));
      expect(lines).toEqual(judgedFrames(path).get(''));
      expect(lines.filter((line) => line.startsWith('00000001 ')).join()).toContain(expected);
    });
  });

  it('keeps the size of arguments in its row', () => {
    withAssembled(every('.cfi_escape 0x2e, 16'), (_path, bytes) => {
      const parsed = parseElf(bytes, 'a.o');
      const table = parsed.ok ? readFileFrames(parsed.elf).tables[0]?.rows[0] : undefined;
      expect(table === undefined ? undefined : rowAt(table, 1)?.argsSize).toBe(16);
      expect(table === undefined ? undefined : rowAt(table, 2)?.argsSize).toBe(0);
    });
  });

  it.each([
    [
      'DW_CFA_GNU_window_save',
      '.cfi_escape 0x2d',
      'DW_CFA_GNU_window_save is for SPARC registers, not for i386',
    ],
    ['one nobody knows', '.cfi_escape 0x3c', 'operation 0x3c is not known'],
    [
      'a restored state that was not remembered',
      '.cfi_escape 10, 11, 11, 11',
      'DW_CFA_restore_state without a remembered one',
    ],
  ])('refuses %s with what it is, and keeps the rows before it', (_name, text, message) => {
    withAssembled(every(text), (_path, bytes) => {
      const parsed = parseElf(bytes, 'a.o');
      if (!parsed.ok) throw new Error(parsed.error.message);
      const { problems, tables } = readFileFrames(parsed.elf);
      expect(problems.map((problem) => problem.message)).toEqual([message]);
      const table = tables[0]?.rows[0];
      expect(table === undefined ? undefined : rowAt(table, 0)?.cfa).toEqual({
        kind: 'register',
        register: 4,
        offset: 4,
      });
      expect(table === undefined ? undefined : rowAt(table, 1)).toBeUndefined();
    });
  });
});

describe('entries', () => {
  const frame = (kind: string, words: string): string => `
	.text
f:	nop
	.section .${kind},"${kind === 'eh_frame' ? 'a' : ''}",@progbits
${words}
`;
  const debug = (version: number, more: string): string =>
    frame(
      'debug_frame',
      `
c:	.long 2f - 1f
1:	.long -1
	.byte ${version}
	.asciz ""
	${more}
	.byte 0x0c, 4, 4, 0x88, 1
	.balign 4
2:	.long 4f - 3f
3:	.long c, f, 1
	.balign 4
4:
`,
    );

  it.each([
    [1, '.byte 1, 0x7c, 8'],
    [3, '.byte 1, 0x7c, 8'],
    [4, '.byte 4, 0, 1, 0x7c, 8'],
  ])('of .debug_frame with CIE version %i are read like readelf does', (version, more) => {
    withAssembled(debug(version, more), (path, bytes) => {
      const parsed = parseElf(bytes, 'a.o');
      if (!parsed.ok) throw new Error(parsed.error.message);
      const frames = readFileFrames(parsed.elf);
      expect(frames.problems).toEqual([]);
      expect(ownFrames(frames)).toEqual(judgedFrames(path).get(''));
      expect(frames.tables[0]?.fdes).toHaveLength(1);
    });
  });

  it('with an augmentation that is not known are said, not used', () => {
    withAssembled(debug(1, '').replace('.asciz ""', '.asciz "zB"; .byte 1, 0x7c, 8, 0'), (_path, bytes) => {
      const parsed = parseElf(bytes, 'a.o');
      if (!parsed.ok) throw new Error(parsed.error.message);
      const { problems, tables } = readFileFrames(parsed.elf);
      expect(problems.map(({ message }) => message)).toEqual([
        "augmentation letter 'B' is not known: its CIE cannot be used",
      ]);
      expect(tables[0]?.fdes).toEqual([]);
    });
  });
});

describe('hostile input', () => {
  it('never makes the reader throw', () => {
    withAssembled(
      every(
        '.cfi_escape 0x16, 3, 2, 0x75, 4\n.cfi_signal_frame\n.cfi_personality 0x9b, p\n.cfi_lsda 0x1b, l',
      ),
      (_path, bytes) => {
        fc.assert(
          fc.property(
            fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
            (changes) => {
              const broken = bytes.slice();
              for (const [at, value] of changes) broken[at] = value;
              const parsed = parseElf(broken, 'a.o');
              if (parsed.ok) expect(readFileFrames(parsed.elf).problems).toBeInstanceOf(Array);
            },
          ),
          { seed: 6, numRuns: 3000 },
        );
      },
    );
  });
});
