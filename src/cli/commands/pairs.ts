// `sigsweep pairs`: the cancellation and the application's own signal, in both orders, at every pair of points; or the
// canceller preempted in its own code.
import type { Command } from 'commander';
import { HANDLERS, type HandlerId } from '../../explore/scenarios.js';
import { pairGroups, pairsText } from '../../report/pairs-text.js';
import { styleFor } from '../../report/style.js';
import { findSubject } from '../../suite/catalog.js';
import { type PairsResult, runPairs, runPreemptions } from '../../suite/pairs.js';
import { formatToken } from '../../suite/token.js';
import type { CellId } from '../../suite/types.js';
import { InputError, UsageError } from '../errors.js';
import { chooseVdso } from '../input.js';
import { EXIT, type Io, writeJson } from '../io.js';

interface PairsOptions {
  readonly design: string;
  readonly handler?: string;
  readonly canceller?: boolean;
  readonly vdso?: string;
  readonly libc: string;
  readonly merge: boolean;
  readonly json?: boolean;
}

export function addPairs(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('pairs')
    .description(
      'two deliveries in one run: the cancellation and a signal of the program’s own, at every pair of points',
    )
    .argument('<scenario>', 'such as read-empty; "sigsweep matrix --list" lists them')
    .option(
      '--handler <id>',
      `what the program's handler does (default: restart): ${HANDLERS.map(({ id }) => id).join(', ')}`,
    )
    .option('--canceller', 'no signal of the program’s own: the canceller is preempted at every instruction')
    .option('--design <id>', 'the way the cancellable call is made', 'pc-check')
    .option('--vdso <id>', 'the vDSO image (default: this machine’s)')
    .option('--libc <id>', 'the C library', 'musl-1.2.3')
    .option('--no-merge', 'run every pair to its end, also from a state that was judged before')
    .option('--json', 'the results for machines')
    .addHelpText(
      'after',
      '\nEnds with 0 when every pair passes every rule, 1 on a violation, 2 when not every pair could be judged.\n' +
        'Example: sigsweep pairs read-empty --handler toggles',
    )
    .action((scenario: string, options: PairsOptions) => done(pairs(scenario, options, io)));
}

export function pairs(scenario: string, options: PairsOptions, io: Io): number {
  const handler = options.canceller === true ? null : chosenHandler(options.handler ?? 'restart');
  if (handler === null && options.handler !== undefined)
    throw new UsageError('--canceller has no handler: give one of --canceller and --handler');
  const id = cellId(scenario, options, handler?.id ?? null);
  const found = findSubject(id);
  if (!found.ok) throw found.missing ? new InputError(found.reason) : new UsageError(found.reason);
  const result = handler === null ? runPreemptions(id, options.merge) : runPairs(id, options.merge);
  if (result.kind === 'skipped') throw new InputError(result.reason);
  if (options.json === true) writeJson(io, pairsJson(result));
  else io.out(pairsText(result, handler?.title ?? null, styleFor(io.colour)));
  if (result.orders.some(({ findings }) => findings.length > 0)) return EXIT.violation;
  return result.orders.some(({ inconclusive, pairs: count }) => inconclusive > 0 || count === 0)
    ? EXIT.inconclusive
    : EXIT.clean;
}

export function chosenHandler(id: string): (typeof HANDLERS)[number] {
  const handler = HANDLERS.find((one) => one.id === id);
  if (handler === undefined)
    throw new UsageError(`no handler ${id}; there are ${HANDLERS.map((one) => one.id).join(', ')}`);
  return handler;
}

function cellId(scenario: string, { design, vdso, libc }: PairsOptions, handler: HandlerId | null): CellId {
  return { libc, design, vdso: chooseVdso(vdso).id, scenario, ...(handler !== null && { handler }) };
}

/** Counts and findings of one cell, without every pair. */
export function pairsJson({ id, code, orders }: Extract<PairsResult, { kind: 'swept' }>): object {
  return {
    ...id,
    code,
    orders: orders.map(({ findings, ...counts }) => ({
      ...counts,
      violating: findings.length,
      findings: pairGroups(findings).map(({ rule, detail, first, count }) => ({
        rule,
        detail,
        pairs: count,
        token: formatToken({ id, choices: first.choices, code }),
      })),
    })),
  };
}
