import { expect, test } from 'vitest';
import { changesInWords, troubleInWords } from './changes';

const NOTHING = {
  issuesScanned: 9,
  rowsAdded: 0,
  rowsMoved: 0,
  rowsRemoved: 0,
  linksAdded: 0,
  linksRemoved: 0,
  ranksChanged: 0,
  epicsChanged: 0,
  statusesChanged: 0,
  conflicts: 0,
  skipped: 0,
  failed: 0,
};

test('only what happened is told, removals first', () => {
  expect(changesInWords(NOTHING)).toBeNull();
  expect(changesInWords({ ...NOTHING, rowsAdded: 1200, rowsRemoved: 1 })).toBe(
    '1 row removed, 1,200 rows added',
  );
  expect(changesInWords({ ...NOTHING, statusesChanged: 2, epicsChanged: 1 })).toBe(
    '1 epic changed, 2 statuses changed',
  );
});

test('what could not be done is told apart', () => {
  expect(troubleInWords(NOTHING)).toBeNull();
  expect(troubleInWords({ ...NOTHING, conflicts: 1, skipped: 3, failed: 2 })).toBe(
    '1 conflict, 3 skipped, 2 failed',
  );
});
