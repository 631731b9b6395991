// What a worker thread runs: tinypool calls the task by its name.
import { runTrial, type TrialTask } from './trial.js';
import type { Trial } from './types.js';

export function trial(task: TrialTask): Trial {
  return runTrial(task);
}
