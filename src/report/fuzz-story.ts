// The one page that tells a case of `entry`: what was asked for, then each run instruction by instruction.
import type { EntryCase, Happening } from '../fuzz/entry/case.js';
import type { PlayedRun, StageStory } from '../fuzz/entry/story.js';
import type { SigreturnCase } from '../fuzz/sigreturn/case.js';
import { signalName } from '../kernel/abi/signals.js';
import { syscallName } from '../kernel/syscalls/table.js';
import { eventText } from './event-text.js';
import type { Style } from './style.js';

const LISTS_MAX = 60;

export function stageStory(story: StageStory, style: Style): string {
  const { of, image, finding, inconclusive, runs } = story;
  const verdict =
    finding === null
      ? inconclusive === null
        ? style.good('pass: the runs agree, and each keeps the rules')
        : style.doubt(`inconclusive: ${inconclusive}`)
      : style.bad(`violation of ${finding.rule} at ${finding.place}: ${finding.detail}`);
  return [
    style.bold(`a case of ${'calls' in of ? 'entry' : 'sigreturn'} on ${image.id}`),
    ...('calls' in of ? caseLines(of) : returnLines(of)),
    ...runs.flatMap((run) => ['', ...runLines(run, finding?.place ?? '', style)]),
    '',
    verdict,
    '',
  ].join('\n');
}

function caseLines({ calls, happenings, actions, esp, stack, eflags, blocked }: EntryCase): string[] {
  const hex = (value: number) => `0x${(value >>> 0).toString(16)}`;
  const shown = calls.map(({ nr, args }, i) => {
    const values = args.map((arg) => (typeof arg === 'number' ? (arg < 10 ? `${arg}` : hex(arg)) : arg));
    return `  call ${i + 1}: ${syscallName(nr)} (eax ${nr}) with ${values.join(', ')}`;
  });
  const set = actions.map(
    ({ sig, handler, flags }) => `  ${signalName(sig)}: ${handler}, flags ${hex(flags)}`,
  );
  const usual = stack === 'roomy' && eflags === 0x202 && (blocked[0] | blocked[1]) === 0;
  const state = `  esp ${hex(esp)} (${stack}), eflags ${hex(eflags)}, blocked ${hex(blocked[0])} ${hex(blocked[1])}`;
  return [...shown, ...happenings.map(happeningLine), ...set, ...(usual ? [] : [state])];
}

function returnLines({ arrivals, edits, actions, esp, altStack }: SigreturnCase): string[] {
  const hex = (value: number) => `0x${(value >>> 0).toString(16)}`;
  const came = arrivals.map(({ sig, to, when }) => {
    const where = when === 'begin' ? 'before the first instruction' : 'in a handler';
    return `  ${signalName(sig)} to the ${to}, ${where}`;
  });
  const changed = edits.flatMap((list, i) =>
    list.map(({ field, how, value }) => {
      const text = typeof value === 'string' ? value : hex(value);
      const verb = { set: 'sets', flip: 'turns over bits of', add: 'adds to' }[how];
      return `  handler ${i + 1} ${verb} ${field}: ${text}`;
    }),
  );
  const set = actions.map(({ sig, flags }) => `  ${signalName(sig)}: flags ${hex(flags)}`);
  return [...came, ...changed, ...set, `  esp ${hex(esp)}, alternate stack of ${altStack} bytes`];
}

const MOMENTS: Readonly<Record<Happening['moment'], string>> = {
  before: 'before the kernel is entered',
  entry: 'on entry to the kernel',
  asleep: 'asleep',
  woken: 'when woken',
  exit: 'on the way out of the kernel',
  after: 'after the kernel',
  handler: 'in a handler',
};

function happeningLine({ call, moment, deed, edit }: Happening): string {
  const what =
    deed.kind === 'data'
      ? `${deed.bytes} byte(s) arrive in the pipe`
      : `${signalName(deed.sig)} to the ${deed.to}`;
  const change = edit === null ? '' : `; its handler puts 0x${edit.value.toString(16)} into ${edit.field}`;
  return `  in call ${call + 1}, ${MOMENTS[moment]}: ${what}${change}`;
}

/** The last instructions: what goes wrong does so near the end. */
function runLines({ title, lines }: PlayedRun, guilty: string, style: Style): string[] {
  const names = new Map(
    lines.flatMap((line) => (line.kind === 'instruction' ? [[line.address, line.name] as const] : [])),
  );
  const name = (address: number) => names.get(address) ?? `0x${address.toString(16)}`;
  const all = lines.flatMap((line) => {
    if (line.kind === 'event') {
      const text = eventText(line.event, name);
      return text === '' ? [] : [`   | ${text}`];
    }
    const mark = guilty.startsWith(`${line.name} of`) ? '->' : '  ';
    const address = line.address.toString(16).padStart(8, '0');
    return [style.dim(`${mark} ${address}  ${line.name.padEnd(24)} ${line.text}`)];
  });
  const left = all.length - LISTS_MAX;
  return [style.bold(title), ...(left > 0 ? [`   ${left} lines before`] : []), ...all.slice(-LISTS_MAX)];
}
