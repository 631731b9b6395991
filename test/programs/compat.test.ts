// A program that runs natively and does not run here is a defect of the model: every one of them, with every libc.
import { describe, expect, it } from 'vitest';
import { runsNatively } from '../world/programs.js';
import { COMPAT, compatInModel, compatNatively } from './compat.js';
import { LIBCS } from './model.js';

describe.each(LIBCS)('with %s', (libc) => {
  it.each(COMPAT)('%s says and ends as natively', (name) => {
    const { unmodelled, ...model } = compatInModel(libc, name);
    expect(unmodelled).toEqual([]);
    expect(model.out + model.err).not.toBe('');
    if (runsNatively) expect(model).toEqual(compatNatively(libc, name));
  });
});
