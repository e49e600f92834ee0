import { expect, test } from 'vitest';
import { newRule } from '../rule';
import { parseDraft } from './draft';

const start = { name: '', rule: newRule('SUB_TASKS') };

test('a draft comes back as it was left', () => {
  const left = { name: 'Sub-tasks', rule: { kind: 'SUB_TASKS' as const, issueTypes: ['Bug'] } };
  expect(parseDraft(JSON.stringify(left), start)).toEqual(left);
  expect(parseDraft(null, start)).toBeNull();
});

test('a draft that does not fit the form is left alone', () => {
  const other = { name: 'Links', rule: newRule('LINKS') };
  expect(parseDraft(JSON.stringify(other), start)).toBeNull();
  expect(parseDraft('{"name":"Old","rule":{"kind":"SUB_TASKS"}}', start)).toBeNull();
});
