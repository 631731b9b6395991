// A case of `entry` as a C program for a machine with an i386 kernel below it: the calls are made by `int $0x80` and by the
// entry's own bytes, and the registers compared.
// SOURCE: i386 system call convention, syscall(2); System V i386 ABI, "Registers"; entry forms, docs/vdso.md.
import type { StageStory } from '../fuzz/entry/story.js';

type EntryOf = Extract<StageStory['of'], { readonly calls: unknown }>;
type Value = EntryOf['calls'][number]['args'][number];

export type ProgramText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

type EntryCode = Pick<StageStory['image'], 'id' | 'bytes' | 'vsyscall' | 'vsyscallSize'>;

const INT80 = [0xcd, 0x80];
const NOP = 0x90;
/** A fast instruction with what saves the stack pointer or the second argument in ebp. */
const FAST = [
  [0x89, 0xe5, 0x0f, 0x34],
  [0x89, 0xcd, 0x0f, 0x05],
];

/**
 * The entry's code without its fast instruction, as it is on a CPU that has none: from a copy of the code the kernel would
 * return into its own vDSO. Null where no int $0x80 stands behind it.
 */
function plainEntry({ bytes, vsyscall, vsyscallSize }: EntryCode): number[] | null {
  const code = [...bytes.subarray(vsyscall, vsyscall + vsyscallSize)];
  const starts = (at: number, wanted: readonly number[]) => wanted.every((byte, i) => code[at + i] === byte);
  for (let at = 0; at < code.length; at++) {
    const fast = FAST.find((one) => starts(at, one));
    if (fast === undefined) continue;
    if (!starts(at + fast.length, INT80)) return null;
    code.fill(NOP, at, at + fast.length);
  }
  const calls = code.findIndex((_, at) => starts(at, INT80));
  return calls < 0 ? null : code;
}

/** Memory that calls are given, by the stage's names (asm/fuzz/stage.S). */
const MEMORY: Readonly<Record<string, string>> = {
  buffer: 'static unsigned char buffer[64];',
  short_time: 'static long short_time[2] = { 0, 1000000 };',
  no_signals: 'static unsigned int no_signals[2];',
  some_signals: 'static unsigned int some_signals[2] = { 0xa00, 0 };',
  can_read: 'static struct { int fd; short events, revents; } can_read = { 3, 1, 0 };',
  can_write: 'static struct { int fd; short events, revents; } can_write = { 4, 4, 0 };',
  word: 'static int word;',
  sixth: 'static void *sixth[2];',
};

function whyNot({ calls, happenings, via, stack, blocked, actions }: EntryOf): string | null {
  if (via !== 'vdso') return 'the call is made by a fast instruction of the program itself';
  if (happenings.length > 0) return 'signals come at points that a program cannot choose from inside';
  if (stack !== 'roomy') return 'the stack stands at an edge of memory';
  if (actions.length > 0 || (blocked[0] | blocked[1]) !== 0) return 'it sets actions or masks of signals';
  const names = calls.flatMap(({ args }) => args.filter((arg): arg is string => typeof arg === 'string'));
  const unknown = names.find((name) => MEMORY[name] === undefined);
  return unknown === undefined ? null : `it uses ${unknown} of the stage`;
}

const REGISTERS = ['eax', 'ebx', 'ecx', 'edx', 'esi', 'edi', 'ebp'] as const;

function cValue(value: Value): string {
  return typeof value === 'number' ? `0x${(value >>> 0).toString(16)}` : `(unsigned)&${value}`;
}

/** The code of one way: registers from `regs`, the call, registers back into `regs`. */
function wayIn(name: string, instruction: string): string[] {
  const load = REGISTERS.map((register, i) => `\tmovl regs+${4 * i}, %${register}`);
  const store = REGISTERS.map((register, i) => `\tmovl %${register}, regs+${4 * i}`);
  const saved = ['ebx', 'esi', 'edi', 'ebp'];
  const lines = [
    ...[`\t.globl ${name}`, `${name}:`, ...saved.map((register) => `\tpushl %${register}`), '\tpushl flags'],
    ...['\tmovl %esp, stack', ...load.slice(0, -1), '\tpopfl', load.at(-1) ?? '', `\t${instruction}`],
    ...[...store, '\tpushfl', '\tpopl flags', '\tcld', '\tmovl stack, %esp', '\taddl $4, %esp'],
    ...[...saved.reverse().map((register) => `\tpopl %${register}`), '\tret'],
  ];
  return lines.map((line) => `\t${JSON.stringify(`${line}\n`)}`);
}

/** What is the same in every program. Nothing of a C library is needed. */
const MAIN = `static void put(const char *text)
{
	unsigned length = 0;
	while (text[length])
		length++;
	unsigned written;
	__asm__ volatile("int $0x80" : "=a"(written) : "a"(4), "b"(1), "c"(text), "d"(length) : "memory");
}

static void put_hex(unsigned value)
{
	char text[] = "0x........";
	for (int i = 9; i > 1; i--, value >>= 4)
		text[i] = "0123456789abcdef"[value & 15];
	put(text);
}

static void run(void (*way)(void), const unsigned *call, unsigned *after)
{
	flags = EFLAGS;
	for (int r = 0; r < 7; r++)
		regs[r] = call[r];
	way();
	for (int r = 0; r < 7; r++)
		after[r] = regs[r];
	after[7] = flags >> 10 & 1;
}

static int different;

static void compare(const char *title, void (*way)(void))
{
	for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
		unsigned right[8], seen[8];
		run(by_int80, calls[i], right);
		run(way, calls[i], seen);
		for (int r = 0; r < 8; r++) {
			if (seen[r] == right[r])
				continue;
			put(names[r]);
			put(" after the call is ");
			put_hex(right[r]);
			put(" by int $0x80, ");
			put_hex(seen[r]);
			put(title);
			different = 1;
		}
	}
}
`;

/** The program; or why the case cannot be told in one. */
export function entryProgram(story: StageStory, token: string): ProgramText {
  const { of, image, other, finding } = story;
  if (!('calls' in of)) return { ok: false, reason: 'handlers change frames in it' };
  const reason = whyNot(of);
  if (reason !== null) return { ok: false, reason };
  const images = other === null ? [image] : [image, other];
  const entries = images.flatMap((one, i) => {
    const code = plainEntry(one);
    return code === null ? [] : [{ id: one.id, code, name: `by_entry${i + 1}`, entry: `entry${i + 1}` }];
  });
  if (entries.length === 0)
    return { ok: false, reason: 'the entry has no int $0x80 behind its fast instruction' };
  const symbols = [...new Set(of.calls.flatMap(({ args }) => args.filter((arg) => typeof arg === 'string')))];
  const lines = [
    `/* ${token}`,
    finding === null ? ' * Every rule holds.' : ` * ${finding.rule} at ${finding.place}: ${finding.detail}`,
    ' * The calls by int $0x80, and by the code of the entry without its fast instruction, which returns into the',
    ' * kernel’s own vDSO only. Says what differs, and ends with 1.',
    ' * Build: gcc -m32 -static -nostdlib -ffreestanding -fno-stack-protector -fno-pie -no-pie -O1 -o case case.c */',
    `#define EFLAGS 0x${(of.eflags >>> 0).toString(16)}`,
    'unsigned regs[7], flags, stack;',
    `void by_int80(void)${entries.map(({ name }) => `, ${name}(void)`).join('')};`,
    ...symbols.flatMap((name) => MEMORY[name] ?? []),
    ...['', '__asm__(', '\t"\t.text\\n"', ...wayIn('by_int80', 'int $0x80')],
    ...entries.flatMap(({ name, entry, code }) => [
      ...wayIn(name, `call ${entry}`),
      `\t"${entry}:\t.byte ${code.map((byte) => `0x${byte.toString(16)}`).join(', ')}\\n"`,
    ]),
    ...[');', '', 'static const unsigned calls[][7] = {'],
    ...of.calls.map(({ nr, args }) => `\t{ ${[nr, ...args].map(cValue).join(', ')} },`),
    '};',
    'static const char *const names[] = { "eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "DF" };',
    ...['', MAIN, 'void _start(void)', '{'],
    '\tstatic int ends[2];',
    '\tunsigned result;',
    '\t__asm__ volatile("int $0x80" : "=a"(result) : "a"(42), "b"(ends) : "memory"); /* pipe: 3 and 4 */',
    ...entries.map(({ id, name }) => `\tcompare(${JSON.stringify(` by the entry of ${id}\n`)}, ${name});`),
    '\t__asm__ volatile("int $0x80" : : "a"(1), "b"(different));',
    '}',
    '',
  ];
  return { ok: true, text: lines.join('\n') };
}
