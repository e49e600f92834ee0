// Each example as a user sees it, in front of the real server: pages until the last row, a dry run
// that is watched to its end, and a request that is refused. A client that complains on the console,
// say of an entity that its cache cannot key, does not pass.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { messages } from './page.mjs';
import { ask, demoFor, until } from './server.mjs';

const { createElement } = await import('react');
const { flushSync } = await import('react-dom');
const { createRoot } = await import('react-dom/client');

const PAGE = 20;
const STRUCTURE = `{
  structures(nameContains: "Delivery", first: 1) {
    nodes {
      id
      version
      synchronizers { id }
      rows(first: 500) { nodes { item { ... on Issue { key summary } ... on Folder { name } } } }
    }
  }
}`;
const ADD_FOLDER = `mutation($structureId: ID!) {
  addRows(input: { structureId: $structureId, rows: [{ folder: "Ideas" }], position: {} }) {
    userErrors { message }
  }
}`;
const START = `mutation($input: StartResyncInput!) {
  startResync(input: $input) { job { id } userErrors { message } }
}`;
const NEWEST = '{ jobs(first: 1) { nodes { state dryRun counts { rowsAdded rowsMoved rowsRemoved } } } }';

/** Renders an example until the end of the test; gives the texts of its elements, and its buttons. */
function show(test, { App, connect }, { url, token }, properties) {
  const container = document.createElement('main');
  document.body.append(container);
  const root = createRoot(container);
  flushSync(() => {
    root.render(createElement(App, { client: connect(url, token), ...properties }));
  });
  test.after(() => {
    root.unmount();
    container.remove();
  });
  const texts = (selector) =>
    [...container.querySelectorAll(selector)].map((element) => element.textContent);
  const button = (label) =>
    [...container.querySelectorAll('button')].find(({ textContent }) => textContent === label);
  return { texts, button, seen: () => container.textContent };
}

function listenToConsole(test) {
  const complaints = [];
  for (const level of ['warn', 'error']) {
    test.mock.method(console, level, (...words) => complaints.push(words.map(String).join(' ')));
  }
  return complaints;
}

for (const name of ['apollo', 'urql', 'relay']) {
  describe(name, () => {
    let example;
    before(async () => {
      example = await import(`../build/${name}/Understory.mjs`);
    });

    test('shows a structure page by page, and a dry run from its start to its end', async (t) => {
      const complaints = listenToConsole(t);
      const server = await demoFor(t);
      const find = async () => (await ask(server, STRUCTURE)).structures.nodes[0];
      await ask(server, ADD_FOLDER, { structureId: (await find()).id });
      const structure = await find();
      const rows = structure.rows.nodes.map(({ item }) => item.name ?? `${item.key} ${item.summary}`);
      assert.ok(rows.length > 2 * PAGE, 'there is a page between the first and the last');

      const page = show(t, example, server, {
        structureId: structure.id,
        synchronizerId: structure.synchronizers[0].id,
        direction: 'INTO_STRUCTURE',
      });
      for (let shown = PAGE; shown < rows.length; shown += PAGE) {
        await until(() => page.texts('li').length === shown, page.seen);
        page.button('More').click();
      }
      await until(() => page.texts('li').length === rows.length, page.seen);
      assert.deepEqual(page.texts('li'), rows);
      await until(() => !page.button('More'), page.seen);

      messages.length = 0;
      page.button('Dry run').click();
      await until(() => /^SUCCEEDED, /.test(page.texts('[role=status]')[0]), page.seen);
      await until(() => messages.some(({ type }) => type === 'complete'), () => 'the completion');
      assert.deepEqual(messages[0], {
        type: 'connection_init',
        payload: { token: server.token },
      });
      const [{ state, dryRun, counts }] = (await ask(server, NEWEST)).jobs.nodes;
      assert.deepEqual([state, dryRun], ['SUCCEEDED', true]);
      assert.ok(counts.rowsMoved > 0, 'the dry run has something to tell');
      assert.ok(
        page.texts('[role=status]')[0].endsWith(
          `${counts.rowsAdded} rows added, ${counts.rowsMoved} moved, ${counts.rowsRemoved} removed`,
        ),
        page.seen(),
      );
      assert.equal((await find()).version, structure.version);
      assert.deepEqual(page.texts('[role=alert]'), []);
      assert.deepEqual(complaints, []);
    });

    test('shows why a request was refused, or could not be made', async (t) => {
      const server = await demoFor(t);
      const find = '{ structures { nodes { id synchronizers { id kind } } } }';
      const structures = (await ask(server, find)).structures.nodes;
      const { id: synchronizerId } = structures
        .flatMap(({ synchronizers }) => synchronizers)
        .find(({ kind }) => kind === 'SAVED_FILTER');
      const resync = { synchronizerId, direction: 'FROM_STRUCTURE' };
      const { startResync } = await ask(server, START, { input: { ...resync, dryRun: true } });

      const structureId = structures[0].id;
      const refused = show(t, example, server, { ...resync, structureId });
      refused.button('Dry run').click();
      await until(() => refused.texts('[role=alert]').length > 0, refused.seen);
      assert.deepEqual(
        refused.texts('[role=alert]'),
        startResync.userErrors.map(({ message }) => message),
      );
      assert.deepEqual(refused.texts('[role=status]'), []);

      const failed = show(t, example, server, { ...resync, direction: 'SIDEWAYS', structureId });
      failed.button('Dry run').click();
      await until(() => failed.texts('[role=alert]').length > 0, failed.seen);
      assert.match(failed.texts('[role=alert]')[0], /expected "Direction"/);
    });
  });
}
