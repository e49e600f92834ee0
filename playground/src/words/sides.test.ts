import { expect, test } from 'vitest';
import type { SynchronizerKind } from '../gql/schema';
import { sidesOf, whyNot } from './sides';

test('each kind has the directions that it can be resynced in, and no other', () => {
  const has = (kind: SynchronizerKind) => [
    sidesOf(kind, 'INTO_STRUCTURE') !== null,
    sidesOf(kind, 'FROM_STRUCTURE') !== null,
  ];
  expect(has('SAVED_FILTER')).toEqual([true, false]);
  expect(has('SUB_TASKS')).toEqual([true, false]);
  expect(has('LINKS')).toEqual([true, true]);
  expect(has('AGILE')).toEqual([true, true]);
  expect(has('STATUS_ROLLUP')).toEqual([false, true]);
});

test('winner and loser change places with the direction', () => {
  for (const kind of ['LINKS', 'AGILE'] as const) {
    const into = sidesOf(kind, 'INTO_STRUCTURE');
    const from = sidesOf(kind, 'FROM_STRUCTURE');
    expect(into?.winner).toBe(from?.loser);
    expect(into?.loser).toBe(from?.winner);
  }
});

test('a direction that is not there has its reason', () => {
  expect(whyNot('SAVED_FILTER')).toMatch(/query/);
  expect(whyNot('SUB_TASKS')).toMatch(/sub-task/);
  expect(whyNot('STATUS_ROLLUP')).toMatch(/statuses/);
});
