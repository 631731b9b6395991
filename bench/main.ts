/** All benchmarks: npm run bench. */
import { benchCpu } from './cpu.js';

benchCpu();
