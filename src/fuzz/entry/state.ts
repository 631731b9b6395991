// What is left of a case when it is over, as facts to be compared.
import type { World } from '../../world/world.js';
import type { Fact } from './outcome.js';
import { theStage } from './stage.js';

/** Bytes of the stage's data that calls read and write. */
const DESK_BYTES = 256;

export function stateFacts({ current: task, kernel, cpu }: World): Fact[] {
  const numbers = (infos: readonly { signo: number }[]) => infos.map(({ signo }) => signo).join(' ');
  const desk = cpu.view(theStage().at('desk'), DESK_BYTES);
  return [
    { name: 'blocked 1..32', value: task.blocked.low },
    { name: 'blocked 33..64', value: task.blocked.high },
    { name: 'pending of the thread', value: numbers(task.pending.infos) },
    { name: 'pending of the process', value: numbers(kernel.state.processes[0]?.pending.infos ?? []) },
    { name: 'memory', value: desk === null ? '' : Buffer.from(desk).toString('latin1') },
  ];
}
