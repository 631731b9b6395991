// AT&T text to i386 machine code in the same process, by keystone (some 60 µs a line; GNU as costs 6 ms a file).
// Keystone is silently wrong in known ways: an unknown register or an immediate that does not fit gives empty output
// without an error, selecting AT&T by option makes numbers hexadecimal, sections crash it. So: AT&T is chosen by the
// first line, only instructions and labels are let through, and what came out is read back by the disassembler:
// as many instructions as were written, every written number there. Sections, data and CFI are for gnu-as.ts.
import MKeystone from '@alexaltea/keystone-js';
import { disassemble, type Instruction } from './disassemble.js';

export type AssembleResult =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly instructions: readonly Instruction[] }
  | { readonly ok: false; readonly error: { readonly code: AssembleErrorCode; readonly message: string } };

export type AssembleErrorCode = 'empty' | 'unsupported' | 'rejected' | 'mismatch';

const keystone = await MKeystone();
const assembler = new keystone.Keystone(keystone.ARCH_X86, keystone.MODE_32);

interface Statement {
  readonly line: number;
  readonly text: string;
}

/** Instruction statements with their source lines (from 1); comments ('#' to the end of line) and labels taken off. */
function statementsOf(source: string): Statement[] {
  return source.split('\n').flatMap((whole, index) =>
    (whole.split('#')[0] ?? '')
      .split(';')
      .map((text) => text.replace(/^(?:\s*[A-Za-z_.$][\w.$]*:)+/, '').trim())
      .filter((text) => text !== '')
      .map((text) => ({ line: index + 1, text })),
  );
}

/** What keystone is known to get wrong, as a reason; undefined when the statement may pass. */
function unsupported(text: string): string | undefined {
  if (text.startsWith('.')) return 'directives are for GNU as';
  if (/(?:^|[\s,$*])\d+[fb]\b/.test(text)) return 'numeric local labels are for GNU as';
  if (/^\d+:/.test(text)) return 'numeric local labels are for GNU as';
  // Keystone goes round for ever on some of these.
  if (!/^[A-Za-z]/.test(text)) return 'it does not begin with a mnemonic';
  return undefined;
}

function numbersIn(text: string): number[] {
  const numbers: number[] = [];
  for (const match of text.matchAll(/(?<![\w%.])(-?)(0x[0-9a-fA-F]+|\d+)(?![\w])/g)) {
    const value = Number(match[2]);
    numbers.push((match[1] === '-' ? -value : value) >>> 0);
  }
  return numbers;
}

/** Whether each literal of the source is also in the disassembly, compared at 32, 16 and 8 bits (operands differ in width). */
function numbersAgree(written: string, read: Instruction): boolean {
  const found = new Set(numbersIn(read.text));
  for (const value of [...found]) found.add(value & 0xffff).add(value & 0xff);
  const implied = (value: number): boolean => value === 0 || value === 1;
  return numbersIn(written).every(
    (value) => implied(value) || found.has(value) || found.has(value & 0xffff) || found.has(value & 0xff),
  );
}

function fail(code: AssembleErrorCode, message: string): AssembleResult {
  return { ok: false, error: { code, message } };
}

function run(source: string, address: number): Uint8Array | string {
  try {
    const output = assembler.asm(`.att_syntax\n${source}\n`, address);
    return output.failed ? keystone.strerror(assembler.errno()).trim() : output.mc;
  } catch (error) {
    if (typeof error === 'string') return error;
    throw error;
  }
}

/** Names the first line that is wrong on its own: only for the message of an error already certain. */
function culprit(statements: readonly Statement[], address: number): string {
  const guilty = statements.find(({ text }) => {
    const alone = run(text, address);
    return typeof alone === 'string' || alone.length === 0;
  });
  const suspect = guilty ?? statements[0];
  return suspect === undefined ? '' : `line ${suspect.line}: '${suspect.text}'`;
}

/**
 * Assembles instructions and named labels to run at `address` (unsigned 32 bits). Every label must be defined in
 * `source`; jump targets may be numbers (absolute addresses).
 */
export function assemble(source: string, address: number): AssembleResult {
  const statements = statementsOf(source);
  if (statements.length === 0) return fail('empty', 'nothing to assemble: write at least one instruction');
  for (const { line, text } of statements) {
    const reason = unsupported(text);
    if (reason !== undefined) return fail('unsupported', `line ${line}: '${text}': ${reason}`);
  }
  const clean = source.replace(/#.*$/gm, '');
  const bytes = run(clean, address >>> 0);
  if (typeof bytes === 'string') return fail('rejected', `${culprit(statements, address)}: ${bytes}`);
  const instructions = disassemble(bytes, address);
  if (instructions.length !== statements.length) {
    const counts = `${statements.length} instructions written, ${instructions.length} came out`;
    return fail('rejected', `${culprit(statements, address)}: ${counts}`);
  }
  for (const [index, statement] of statements.entries()) {
    const read = instructions[index];
    if (read === undefined || read.text === '(bad)' || !numbersAgree(statement.text, read)) {
      return fail('mismatch', `line ${statement.line}: '${statement.text}' was assembled as '${read?.text}'`);
    }
  }
  return { ok: true, bytes, instructions };
}
