#!/usr/bin/env node
// The last line of .ci/run: node scripts/ci-summary.mjs VITEST-JSON EXIT-CODE -> `12 passed, 0 failed, 1 skipped`.
// Exit code 1 when the counts contradict the runner's exit code: nothing ran, or something failed and the runner said 0.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Counts of vitest's JSON report. A file that could not even be loaded has no tests: it counts as one failure.
 * @param {string} text the report, '' when the runner never got that far (lint, types or set-up failed)
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export const countTests = (text) => {
  if (text.trim() === '') return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(text);
  const broken = report.testResults.filter(
    (f) => f.status === 'failed' && !f.assertionResults.some((a) => a.status === 'failed'),
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
  };
};

/** @returns {string} e.g. `12 passed, 0 failed, 1 skipped`; skipped only when there are any */
export const summaryLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file = '', code = '0'] = process.argv.slice(2);
  const counted = countTests(readFileSync(file, 'utf8'));
  const counts = code !== '0' && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
  process.stdout.write(`${summaryLine(counts)}\n`);
  if (code === '0' && (counts.failed > 0 || counts.passed === 0)) process.exitCode = 1;
}
