import { beforeEach, expect, test } from 'vitest';
import { Forest } from './forest';
import { ancestorAt, positionOf, shortNameOf, sideOf, standsAt, stepFrom, whereIs } from './moves';

let forest: Forest;
const at = (id: string) => forest.find(id)!;

beforeEach(() => {
  forest = new Forest();
  const rows: [string, number][] = [
    ['a', 0],
    ['b', 1],
    ['c', 1],
    ['d', 2],
    ['e', 0],
  ];
  for (const [id, depth] of rows) forest.append(id, depth, { kind: 'folder', name: id });
  forest.list();
});

test('steps lead among siblings, under the one before, and out', () => {
  expect(stepFrom(forest, at('c'), 'up')).toEqual({ under: 'a', after: null });
  expect(stepFrom(forest, at('b'), 'down')).toEqual({ under: 'a', after: 'c' });
  expect(stepFrom(forest, at('c'), 'in')).toEqual({ under: 'b', after: null });
  expect(stepFrom(forest, at('e'), 'in')).toEqual({ under: 'a', after: 'c' });
  expect(stepFrom(forest, at('d'), 'out')).toEqual({ under: 'a', after: 'c' });
});

test('there is no step beyond the first, the last and the top', () => {
  expect(stepFrom(forest, at('b'), 'up')).toBeNull();
  expect(stepFrom(forest, at('e'), 'down')).toBeNull();
  expect(stepFrom(forest, at('b'), 'in')).toBeNull();
  expect(stepFrom(forest, at('a'), 'out')).toBeNull();
});

test('a row is put beside another, never beside itself', () => {
  expect(sideOf(forest, at('b'), at('c'), 'before')).toEqual({ under: 'a', after: null });
  expect(sideOf(forest, at('c'), at('a'), 'last')).toEqual({ under: 'a', after: 'b' });
  expect(sideOf(forest, at('e'), at('a'), 'first')).toEqual({ under: 'a', after: null });
  expect(sideOf(forest, at('e'), at('d'), 'after')).toEqual({ under: 'c', after: 'd' });
});

test('nothing is put into its own subtree', () => {
  expect(sideOf(forest, at('a'), at('d'), 'after')).toBeNull();
  expect(sideOf(forest, at('a'), at('a'), 'last')).toBeNull();
});

test('where a row stands is known and said', () => {
  expect(positionOf(at('c'))).toEqual({ under: 'a', after: 'b' });
  expect(standsAt(at('c'), { under: 'a', after: 'b' })).toBe(true);
  expect(standsAt(at('c'), { under: 'a', after: null })).toBe(false);
  expect(ancestorAt(at('d'), 0)).toBe(at('a'));
  expect(whereIs(forest, at('c'))).toBe('2 of 2 under “a”');
  expect(whereIs(forest, at('e'))).toBe('2 of 2 at the top level');
});

test('long names of folders are cut', () => {
  const named = (name: string) => shortNameOf({ kind: 'folder', name });
  expect(named('🌲'.repeat(60))).toBe(`“${'🌲'.repeat(60)}”`);
  expect(named('🌲'.repeat(61))).toBe(`“${'🌲'.repeat(59)}…”`);
});
