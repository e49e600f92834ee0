import { expect, test } from 'vitest';
import { isLookedFor, matching, type ChoosableRow } from './rows';

const issue = (key: string, depth: number, summary = ''): ChoosableRow => ({
  id: `row of ${key}`,
  depth,
  parent: null,
  item: { __typename: 'Issue', id: key, key, summary },
});
const folder = (name: string, depth: number): ChoosableRow => ({
  id: `row of ${name}`,
  depth,
  parent: null,
  item: { __typename: 'Folder', name },
});

const rows = [issue('GRO-12', 0, 'Water'), issue('GRO-1', 2, 'Seed'), folder('Later', 3)];

test('folders come first, then the upper levels', () => {
  expect(matching(rows, '').map(({ id }) => id)).toEqual([
    'row of Later',
    'row of GRO-12',
    'row of GRO-1',
  ]);
});

test('a key that is typed whole comes first', () => {
  expect(matching(rows, 'gro-1').map(({ id }) => id)).toEqual(['row of GRO-1', 'row of GRO-12']);
  expect(matching(rows, 'water').map(({ id }) => id)).toEqual(['row of GRO-12']);
});

test('it pays to look further for what is not there yet', () => {
  expect(isLookedFor(rows, '')).toBe(false);
  expect(isLookedFor(rows, 'later')).toBe(false);
  expect(isLookedFor(rows, 'sooner')).toBe(true);
  expect(isLookedFor(rows, 'GRO-1')).toBe(false);
  expect(isLookedFor(rows.slice(0, 1), 'GRO-1')).toBe(true);
});
