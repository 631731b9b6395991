// The version as package.json has it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { ROOT } from '../suite/catalog.js';

const Package = v.object({ version: v.string() });

export function version(): string {
  return v.parse(Package, JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))).version;
}
