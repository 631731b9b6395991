// A project of its own that tests its cancellation point with sigsweep, installed from the packed tarball.
import 'sigsweep/vitest';
import { readFileSync } from 'node:fs';
import { check } from 'sigsweep';
import { expect, it } from 'vitest';

const text = readFileSync(new URL('point.S', import.meta.url), 'utf8');
const request = (source) => ({
  input: { kind: 'asm', path: 'point.S', text: source, replaces: '__syscall_cp_asm' },
  scenarios: ['read-data', 'read-empty'],
});

it('loses neither cancellation nor data', async () => {
  await expect(check(request(text))).toBeClean();
});

it('would notice a range that ends too late', async () => {
  const late = text.replace('int $0x80', 'int $0x80\n\tnop');
  await expect(check(request(late))).toViolate('no-lost-effect');
});
