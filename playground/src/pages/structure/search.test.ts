import { expect, test } from 'vitest';
import { Forest, type Item } from './forest';
import { pieces, search } from './search';

const issue = (key: string, summary: string): Item => ({
  kind: 'issue',
  key,
  summary,
  type: 'Bug',
  status: 'Open',
  category: 'TO_DO',
  assignee: null,
});

test('keys, summaries and names are searched, also below what is folded', () => {
  const forest = new Forest();
  forest.append('1', 0, { kind: 'folder', name: 'Crash reports' });
  forest.append('2', 1, issue('APP-1', 'It CRASHES on start'));
  forest.append('3', 1, issue('APP-2', 'Too slow'));
  forest.foldAll(true);
  const found = (wanted: string) => search(forest, wanted).map(({ id }) => id);
  expect(found('crash')).toEqual(['1', '2']);
  expect(found('app-2')).toEqual(['3']);
  expect(found('   ')).toEqual([]);
  forest.update('3', issue('APP-2', 'A crash'));
  expect(found('crash')).toEqual(['1', '2', '3']);
});

test('what matches is cut out', () => {
  expect(pieces('Crash on crash', 'crash')).toEqual(['', 'Crash', ' on ', 'crash', '']);
  expect(pieces('Nothing', 'x')).toEqual(['Nothing']);
  expect(pieces('İstanbul', 'i')).toEqual(['İstanbul']);
});
