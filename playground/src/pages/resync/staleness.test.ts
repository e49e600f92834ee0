import { expect, test } from 'vitest';
import { OLD_AFTER, staleness } from './staleness';

const looked = '2026-01-01T12:00:00.000Z';
const at = (seconds: number) => new Date(Date.parse(looked) + seconds * 1000).toISOString();
const now = Date.parse(looked) + 10_000;
const job = (seconds: number, dryRun: boolean, edits: number) => ({
  dryRun,
  finishedAt: at(seconds),
  edits,
});

test('a dry run is fresh until something happens', () => {
  expect(staleness(looked, now, null, [])).toBeNull();
  expect(staleness(looked, now, at(-1), [job(-1, false, 9)])).toBeNull();
});

test('dry runs, and jobs that changed nothing, change nothing', () => {
  expect(staleness(looked, now, null, [job(1, true, 9), job(1, false, 0)])).toBeNull();
});

test('a later job, a later edit, a long time', () => {
  expect(staleness(looked, now, null, [job(1, false, 1)])).toBe('job');
  expect(staleness(looked, now, at(1), [])).toBe('edited');
  expect(staleness(looked, Date.parse(looked) + OLD_AFTER + 1, null, [])).toBe('old');
});
