// Runs every operation of schema/operations as its variables stand, each in front of a demo of its
// own, so that none lives on what another did; and sees that the cookbook leaves none out.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { getOperationAST, parse } from 'graphql';
import { ask, demoFor, execute, subscriberFor, until, untilTold } from './server.mjs';

const folder = join(import.meta.dirname, '../../../schema/operations');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.graphql'))
  .map((file) => basename(file, '.graphql'));

// The job of the example has ended by the time that it is cancelled.
const refusals = { 'cancel-job': ['CONFLICT'] };

const WORLD = `{
  structures(first: 50) {
    nodes {
      id
      rows(first: 100) { nodes { id childCount } }
      synchronizers { id kind }
    }
  }
  jobs(first: 1) { nodes { id state } }
}`;

const read = (name) => readFileSync(join(folder, `${name}.graphql`), 'utf8');
const isSubscription = (name) => getOperationAST(parse(read(name))).operation === 'subscription';

/** The operation with its variables, in which identifiers stand for what they name. */
async function load(server, name) {
  const file = `${name}.json`;
  const text = readdirSync(folder).includes(file) ? readFileSync(join(folder, file), 'utf8') : '{}';
  if (text.includes('$newestJob')) await runToItsEnd(server, await load(server, 'start-resync'));
  const { structures, jobs } = await ask(server, WORLD);
  const synchronizers = structures.nodes.flatMap((structure) => structure.synchronizers);
  const named = {
    $firstStructure: structures.nodes[0],
    $firstLeafRow: structures.nodes[0].rows.nodes.find(({ childCount }) => childCount === 0),
    $firstSynchronizer: synchronizers.find(({ kind }) => kind === 'SAVED_FILTER'),
    $newestJob: jobs.nodes[0],
  };
  const variables = JSON.parse(text.replace(/\$\w+/g, (placeholder) => named[placeholder].id));
  return { query: read(name), variables };
}

async function runToItsEnd(server, { query, variables }) {
  await ask(server, query, variables);
  const newest = async () => (await ask(server, WORLD)).jobs.nodes[0];
  await until(async () => (await newest()).state === 'SUCCEEDED', () => 'the end of the job');
}

/** Whether anything but nulls and empty lists was answered. */
function tells(value) {
  if (Array.isArray(value)) return value.some(tells);
  if (value !== null && typeof value === 'object') return Object.values(value).some(tells);
  return value !== null;
}

describe('queries and mutations', () => {
  for (const name of names.filter((name) => !isSubscription(name))) {
    test(name, async (t) => {
      const server = await demoFor(t);
      const { query, variables } = await load(server, name);
      const { data, errors } = await execute(server, query, variables);
      assert.equal(errors, undefined);
      for (const [field, { userErrors = [], ...answer }] of Object.entries(data)) {
        const codes = userErrors.map(({ code }) => code);
        assert.deepEqual(codes, refusals[name] ?? [], JSON.stringify(userErrors));
        assert.ok(tells(answer) || codes.length > 0, `${field} is empty`);
      }
    });
  }
});

describe('subscriptions', () => {
  for (const name of names.filter(isSubscription)) {
    test(name, async (t) => {
      const server = await demoFor(t);
      const operation = await load(server, name);
      const events = [];
      subscriberFor(t, server).subscribe(operation, {
        next: (event) => events.push(event),
        error: (error) => events.push({ errors: [error].flat() }),
        complete: () => {},
      });
      await untilTold(server, () => events.length > 0, () => 'an event');
      assert.equal(events[0].errors, undefined);
      assert.ok(tells(events[0].data));
    });
  }
});

test('the cookbook lists each operation once, with the first sentence of its comment', () => {
  const cookbook = readFileSync(join(folder, 'README.md'), 'utf8');
  const listed = [...cookbook.matchAll(/^\| \[(.+)\]\((.+)\.graphql\) \| (.+) \|$/gm)];
  const expected = names.map((name) => {
    const comment = /^(?:# .*\n)+/.exec(read(name))[0].replace(/^# /gm, '').replaceAll('\n', ' ');
    return [name, name, /^.*?\.(?= )/.exec(comment)[0]];
  });
  assert.deepEqual(listed.map(([, ...cells]) => cells).sort(), expected);
});
