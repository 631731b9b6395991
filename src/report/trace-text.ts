import type { Event } from '../kernel/history.js';
import type { Replay } from '../suite/replay.js';
import { formatToken } from '../suite/token.js';
import { eventText } from './event-text.js';
import type { Style } from './style.js';

/** Traces of one run: every instruction, or only what happened. */

function nameOf(tid: number, replay: Replay): string {
  return tid === 0 ? '' : tid === replay.run.target ? `target ${tid}` : `thread ${tid}`;
}

const WHO = 12;

function eventLine(event: Event, replay: Replay, name: (address: number) => string): string {
  const text = eventText(event, name);
  return text === '' ? '' : `${nameOf(event.tid, replay).padEnd(WHO)} | ${text}`;
}

/** Every instruction from the begin of the window on, and between them what the kernel did. */
export function fullTrace(replay: Replay, name: (address: number) => string, style: Style): string {
  const lines: string[] = [];
  const { history } = replay.run;
  let shown = replay.from;
  const events = (until: number) => {
    for (; shown < until; shown++) {
      const event = history[shown];
      const line = event === undefined ? '' : eventLine(event, replay, name);
      if (line !== '') lines.push(event?.kind === 'choice' ? style.bold(line) : line);
    }
  };
  for (const { tid, line, events: before } of replay.steps) {
    events(before);
    const address = line.address.toString(16).padStart(8, '0');
    lines.push(
      style.dim(`${nameOf(tid, replay).padEnd(WHO)}   ${address}  ${line.name.padEnd(28)} ${line.text}`),
    );
  }
  events(history.length);
  return `${lines.join('\n')}\n`;
}

/** What happened in the window and after, without instructions. */
export function timeline(replay: Replay, name: (address: number) => string): string[] {
  return replay.run.history
    .slice(replay.from)
    .map((event) => eventLine(event, replay, name))
    .filter((line) => line !== '');
}

export function verdictText({ verdict, token }: Replay, style: Style): string {
  switch (verdict.kind) {
    case 'pass':
      return style.good(`pass: every rule holds (${formatToken(token)})`);
    case 'inconclusive':
      return style.doubt(`inconclusive: ${verdict.reason}`);
    case 'violation':
      return verdict.violations
        .map(({ rule, detail }) => style.bad(`violation of ${rule}: ${detail}`))
        .join('\n');
  }
}
