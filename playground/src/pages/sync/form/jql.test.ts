import { expect, test } from 'vitest';
import { hasRelativeDate, otherThan, quote } from './jql';

test('values are quoted whatever they hold', () => {
  expect(quote('In Progress')).toBe('"In Progress"');
  expect(quote('a "b" \\ c')).toBe('"a \\"b\\" \\\\ c"');
});

test('relative dates are found, other numbers are not', () => {
  expect(hasRelativeDate('updated >= -7d AND project = GRO')).toBe(true);
  expect(hasRelativeDate('created>-2w')).toBe(true);
  expect(hasRelativeDate('updated >= "-7d"')).toBe(true);
  expect(hasRelativeDate('key = GRO-7')).toBe(false);
  expect(hasRelativeDate('summary ~ "updated >= -7d"')).toBe(false);
  expect(hasRelativeDate('updated >= 2026-01-07')).toBe(false);
});

test('what is known already is ruled out', () => {
  expect(otherThan('status', [])).toBe('');
  expect(otherThan('status', ['To Do', 'Done'])).toBe('status NOT IN ("To Do", "Done")');
  expect(otherThan('resolution', [])).toBe('resolution IS NOT EMPTY');
  expect(otherThan('resolution', ['Fixed'])).toBe(
    'resolution IS NOT EMPTY AND resolution NOT IN ("Fixed")',
  );
});
