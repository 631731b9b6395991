import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Each test file loads the native CPU engine; a process of its own keeps a crash in it from taking others along.
    pool: 'forks',
  },
});
