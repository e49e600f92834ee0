import type { Client } from 'urql';
import { expect, test } from 'vitest';
import { keysIn, missingKeys, tellMissing } from './issue-keys';

/** A tracker with some issues, that remembers what it was asked. */
function tracker(...keys: string[]) {
  const asked: string[] = [];
  const query = (_document: unknown, { jql }: { jql: string }) => {
    asked.push(jql);
    const nodes = keys.filter((key) => jql.includes(`"${key}"`)).map((key) => ({ key }));
    return { toPromise: () => Promise.resolve({ data: { issues: { nodes } } }) };
  };
  return { asked, client: { query } as unknown as Client };
}

test('keys stand between spaces, commas and semicolons, in any case', () => {
  expect(keysIn(' gro-1, GRO-2;\nGro-3 ')).toEqual(['GRO-1', 'GRO-2', 'GRO-3']);
  expect(keysIn('  ')).toEqual([]);
});

test('all keys without an issue are found, each once', async () => {
  const { asked, client } = tracker('GRO-1');
  const keys = ['GRO-1', 'NO-1', 'GRO', 'NO-1', 'A"B-1'];
  expect(await missingKeys(client, keys)).toEqual({ missing: ['NO-1', 'GRO', 'A"B-1'] });
  expect(asked).toEqual(['key IN ("GRO-1", "NO-1")']);
});

test('many keys are asked for in parts', async () => {
  const keys = Array.from({ length: 501 }, (_, at) => `GRO-${at + 1}`);
  const { asked, client } = tracker(...keys);
  expect(await missingKeys(client, keys)).toEqual({ missing: [] });
  expect(asked.length).toBe(2);
});

test('missing keys are told, the first ones by name', () => {
  expect(tellMissing(['NO-1'])).toBe('There is no issue NO-1.');
  expect(tellMissing(['NO-1', 'NO-2'])).toBe('There are no issues NO-1, NO-2.');
  const keys = Array.from({ length: 12 }, (_, at) => `N-${at}`);
  expect(tellMissing(keys)).toMatch(/N-9 and 2 more\.$/);
});
