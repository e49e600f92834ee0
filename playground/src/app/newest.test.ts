import { expect, test } from 'vitest';
import { keepNewest } from './newest';

const job = (revision: number, state: string, more = {}) => ({
  __typename: 'Job',
  id: 'j1',
  revision,
  state,
  ...more,
});

test('an older snapshot takes the values of the newer one', () => {
  const known = new Map();
  keepNewest(known, { jobs: job(7, 'SUCCEEDED', { counts: { rowsAdded: 3 } }) });
  const late = { job: job(6, 'RUNNING', { counts: { rowsAdded: 0 }, number: 4 }) };
  expect(keepNewest(known, late)).toEqual({
    job: job(7, 'SUCCEEDED', { counts: { rowsAdded: 3 }, number: 4 }),
  });
});

test('a newer snapshot stays as it is', () => {
  const known = new Map();
  keepNewest(known, job(1, 'QUEUED'));
  expect(keepNewest(known, job(2, 'RUNNING'))).toEqual(job(2, 'RUNNING'));
});

test('jobs are found in lists and inside each other, and other objects keep their selection', () => {
  const known = new Map();
  keepNewest(known, job(5, 'SUCCEEDED', { structure: { id: 's', name: 'Plan' } }));
  const structure = { id: 's', name: 'Plan', version: 3 };
  const answer = {
    nodes: [{ __typename: 'Row', id: 'r', job: job(4, 'RUNNING', { structure }) }],
  };
  expect(keepNewest(known, answer)).toEqual({
    nodes: [{ __typename: 'Row', id: 'r', job: job(5, 'SUCCEEDED', { structure }) }],
  });
});

test('snapshots of one revision with different fields complete each other', () => {
  const known = new Map();
  keepNewest(known, job(3, 'RUNNING', { log: ['a'] }));
  keepNewest(known, job(3, 'RUNNING', { number: 9 }));
  expect(keepNewest(known, job(2, 'QUEUED', { log: [] }))).toEqual(
    job(3, 'RUNNING', { log: ['a'] }),
  );
});
