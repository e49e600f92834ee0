import { expect, test } from 'vitest';
import { sumUp, whatChanged, whoChanged } from './news';

const ada = { user: { id: 'u1', name: 'ada' }, job: null };
const resync = { user: ada.user, job: { id: 'j12', number: 12, kind: 'RESYNC' as const } };

test('counts become words, and nothing is said of what did not happen', () => {
  expect(whatChanged({ addedCount: 1, movedCount: 0, removedCount: 0 })).toBe('1 row added');
  expect(whatChanged({ addedCount: 0, movedCount: 3, removedCount: 1000 })).toBe(
    '3 rows moved, 1,000 removed',
  );
});

test('a job is named before the user as whom it ran', () => {
  expect(whoChanged(resync, 'u1')).toBe('Resync 12');
  expect(whoChanged(ada, 'u1')).toBe('you');
  expect(whoChanged(ada, 'u2')).toBe('ada');
});

test('versions of one author are told as one', () => {
  const moved = { addedCount: 0, movedCount: 2, removedCount: 0 };
  const news = sumUp(
    [
      { ...moved, ...resync },
      { ...moved, ...ada },
      { ...moved, ...resync },
    ],
    'u2',
  );
  expect(news).toBe('4 rows moved by Resync 12. 2 rows moved by ada');
});
