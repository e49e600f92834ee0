import { expect, test } from 'vitest';
import { UndoStack } from './undo-stack';

const move = (rowId: string) => ({ rowId, from: { under: null, after: null } });

test('moves are undone from the last to the first', () => {
  const stack = new UndoStack();
  const [a, b, c] = [move('a'), move('b'), move('c')];
  for (const made of [a, b, c]) stack.push(made);
  stack.settle(b, true);
  expect(stack.last).toBe(c);
  stack.settle(c, false);
  expect(stack.last).toBe(a);
  expect([a, b, c].map((made) => stack.stateOf(made))).toEqual(['kept', 'undone', 'final']);
  stack.settle(a, true);
  expect(stack.last).toBeUndefined();
});

test('only fifty moves are kept', () => {
  const stack = new UndoStack();
  const first = move('first');
  stack.push(first);
  for (let at = 0; at < 49; at++) stack.push(move(`${at}`));
  expect(stack.stateOf(first)).toBe('kept');
  stack.push(move('one more'));
  expect(stack.stateOf(first)).toBe('final');
});

test('who listens hears of every change', () => {
  const stack = new UndoStack();
  let heard = 0;
  const stop = stack.listen(() => (heard += 1));
  const made = move('a');
  stack.push(made);
  stack.settle(made, true);
  expect(heard).toBe(2);
  stop();
  stack.push(made);
  expect(heard).toBe(2);
});
