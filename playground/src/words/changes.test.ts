import { expect, test } from 'vitest';
import {
  countEdits,
  summarize,
  tellGravest,
  tellLosses,
  tellParts,
  tellRemovals,
  type Counts,
} from './changes';

const NONE: Counts = {
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
const lines = (counts: Partial<Counts>, wouldBe = true, revert = false) =>
  tellParts({ ...NONE, ...counts }, { wouldBe, revert }).map(
    ({ number, words }) => `${number} ${words}`,
  );

test('only what is not zero is told, and the gravest first', () => {
  expect(lines({})).toEqual([]);
  expect(lines({ rowsAdded: 4, ranksChanged: 2, rowsRemoved: 12, conflicts: 3 })).toEqual([
    '3 edits made since the last synchronization would be overwritten',
    '12 rows removed',
    '4 rows added',
    '2 issues get another rank',
  ]);
});

test('one is not many', () => {
  expect(lines({ rowsMoved: 1, linksRemoved: 1, epicsChanged: 1, conflicts: 1 }, false)).toEqual([
    '1 edit made since the last synchronization was overwritten',
    '1 link deleted',
    '1 row moved',
    '1 issue gets another epic',
  ]);
});

test('what a revert leaves is told in its own words', () => {
  expect(lines({ skipped: 2 }, true, true)).toEqual([
    '2 left as they are: edited since, or without a way back',
  ]);
});

test('losses are grave, refusals want care', () => {
  const weights = tellParts(
    { ...NONE, rowsRemoved: 1, skipped: 1, rowsAdded: 1 },
    { wouldBe: true },
  ).map(({ weight }) => weight);
  expect(weights).toEqual(['loss', 'care', 'plain']);
});

test('a line for lists', () => {
  expect(summarize({ ...NONE, rowsMoved: 1200, linksAdded: 1, skipped: 2 })).toBe(
    '1,200 rows moved, 1 link made, 2 skipped',
  );
  expect(summarize(NONE)).toBe('');
});

test('removals as what is done', () => {
  expect(tellRemovals(NONE)).toBeNull();
  expect(tellRemovals({ ...NONE, rowsRemoved: 12, linksRemoved: 3 })).toBe(
    'remove 12 rows and delete 3 links',
  );
  expect(tellRemovals({ ...NONE, linksRemoved: 1 })).toBe('delete 1 link');
  expect(tellLosses({ ...NONE, rowsRemoved: 1, conflicts: 2 })).toEqual([
    { sentence: 'This would remove 1 row.', weight: 'loss' },
    {
      sentence: '2 edits made since the last synchronization would be overwritten.',
      weight: 'loss',
    },
  ]);
  expect(tellLosses({ ...NONE, rowsMoved: 9 })).toEqual([]);
  expect(tellGravest({ ...NONE, rowsMoved: 9 })).toBeNull();
  expect(tellGravest({ ...NONE, conflicts: 1 })).toBe('overwrite 1 edit');
  expect(tellGravest({ ...NONE, conflicts: 1, rowsRemoved: 2 })).toBe('remove 2 rows');
});

test('a first resync overwrites what people did by hand: that wants care, removals stay grave', () => {
  const counts = { ...NONE, conflicts: 13 };
  expect(tellParts(counts, { wouldBe: true, first: 'INTO_STRUCTURE' })).toEqual([
    {
      kind: 'CONFLICT',
      number: 13,
      words: 'rows that people arranged by hand would change',
      weight: 'care',
    },
  ]);
  expect(tellGravest(counts, 'INTO_STRUCTURE')).toBe('change 13 rows');
  expect(tellLosses({ ...NONE, conflicts: 1, linksRemoved: 2 }, 'FROM_STRUCTURE')).toEqual([
    { sentence: 'This would delete 2 links.', weight: 'loss' },
    { sentence: '1 link or field that people set by hand would change.', weight: 'care' },
  ]);
  expect(tellGravest({ ...NONE, conflicts: 1 }, 'FROM_STRUCTURE')).toBe('change 1 link or field');
});

test('conflicts, skipped and refused edits change nothing', () => {
  expect(countEdits({ ...NONE, conflicts: 1, skipped: 1, failed: 1 })).toBe(0);
  expect(countEdits({ ...NONE, rowsMoved: 2, statusesChanged: 1 })).toBe(3);
});
