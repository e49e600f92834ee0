import { expect, test } from 'vitest';
import { jobTitle, sentence } from './jobs';

test('jobs are called by what they are', () => {
  const job = { kind: 'RESYNC', direction: 'INTO_STRUCTURE', dryRun: false } as const;
  expect(jobTitle(job)).toBe('Resync into the structure');
  expect(jobTitle({ ...job, direction: 'FROM_STRUCTURE', dryRun: true })).toBe(
    'Dry run of a resync from the structure',
  );
  expect(jobTitle({ kind: 'INCREMENTAL', direction: null, dryRun: false })).toBe(
    'Incremental synchronization',
  );
  expect(jobTitle({ kind: 'IMPORT', direction: 'INTO_STRUCTURE', dryRun: true })).toBe(
    'Dry run of an import',
  );
});

test('messages become sentences', () => {
  expect(
    sentence('it would remove 5 of 6 links, more than the 50 % that maxRemovalPercent allows'),
  ).toBe('It would remove 5 of 6 links, more than the 50 % that the removal guard allows.');
  expect(sentence('Whole already.')).toBe('Whole already.');
});
