/** All benchmarks: npm run bench. They measure the built code in dist. See docs/speed.md. */
import { benchCells } from './cells.js';
import { benchCommands } from './commands.js';
import { benchCpu } from './cpu.js';
import { benchInjection } from './injection.js';
import { benchNative } from './native.js';

benchCpu();
benchInjection();
benchNative();
await benchCells();
await benchCommands();
