// The page of one structure, on the demo and on servers of its own: the tree, moves by mouse and
// keyboard, rows that come and go, search, history, and what others change meanwhile.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch, LOOKS, openPage } from './browser.mjs';
import { startDemo, startServer, stopAll } from './server.mjs';

let demo;
let browser;
let server;
let made = 0;

before(async () => {
  [demo, browser, server] = await Promise.all([startDemo(), launch(), startServer()]);
  await fill('Grove roadmap');
});

after(async () => {
  await browser?.close();
  await stopAll();
});

/** The id of a structure of the demo, by its name. */
async function find(name) {
  const { structures } = await demo.request(
    'query($name: String) { structures(nameContains: $name) { nodes { id } } }',
    { name },
  );
  return structures.nodes[0].id;
}

/** Waits for the end of a job that was asked for. */
async function ended(api, { job, userErrors }) {
  assert.deepEqual(userErrors, []);
  for (let state = ''; state !== 'SUCCEEDED';) {
    const now = await api.request('query($id: ID!) { job(id: $id) { state } }', { id: job.id });
    state = now.job.state;
    assert.notEqual(state, 'FAILED');
  }
}

/** Runs the synchronizers of a structure of the demo that fill it, and waits for the rows. */
async function fill(name) {
  const id = await find(name);
  const { structure } = await demo.request(
    'query($id: ID!) { structure(id: $id) { synchronizers { id supportedDirections } } }',
    { id },
  );
  for (const { id, supportedDirections } of structure.synchronizers) {
    if (!supportedDirections.includes('INTO_STRUCTURE')) continue;
    const { startResync } = await demo.request(
      `mutation($id: ID!) { startResync(input: { synchronizerId: $id, direction: INTO_STRUCTURE,
        confirm: true, maxRemovalPercent: 100 }) { job { id } userErrors { message } } }`,
      { id },
    );
    await ended(demo, startResync);
  }
}

const MUTATIONS = {
  create: `mutation($input: CreateStructureInput!) {
    done: createStructure(input: $input) { structure { id } userErrors { message } } }`,
  add: `mutation($input: AddRowsInput!) {
    done: addRows(input: $input) { rows { id } userErrors { message } } }`,
  move: `mutation($input: MoveRowsInput!) {
    done: moveRows(input: $input) { structure { version } userErrors { message } } }`,
  remove: `mutation($input: RemoveRowsInput!) {
    done: removeRows(input: $input) { structure { version } userErrors { message } } }`,
};

async function change(api, what, input) {
  const { done } = await api.request(MUTATIONS[what], { input });
  assert.deepEqual(done.userErrors, []);
  return done;
}

/** A structure of folders on the server: `[name, children…]` each; the ids of its rows by name. */
async function makeStructure(...tree) {
  const { structure } = await change(server, 'create', { name: `Folders ${++made}` });
  const ids = {};
  const add = async (folders, under) => {
    if (folders.length === 0) return;
    const names = folders.map(([name]) => name);
    const { rows } = await change(server, 'add', {
      structureId: structure.id,
      rows: names.map((folder) => ({ folder })),
      position: { under, after: null },
    });
    for (const [index, [name, ...children]] of folders.entries()) {
      ids[name] = rows[index].id;
      await add(children, rows[index].id);
    }
  };
  await add(tree, null);
  return { id: structure.id, ids };
}

/** The rows of a structure, as the server has them: each behind a dot for every level. */
async function outline(api, id) {
  const { structure } = await api.request(
    `query($id: ID!) { structure(id: $id) { rows(first: 500) { nodes {
      depth item { ... on Folder { name } ... on Issue { key } } } } } }`,
    { id },
  );
  return structure.rows.nodes.map(({ depth, item }) => '.'.repeat(depth) + (item.name ?? item.key));
}

/** The page of a structure. */
async function openStructure(api, id, look) {
  const opened = await openPage(browser, api.address, look);
  await opened.page.getByRole('heading', { name: 'Manage structures' }).waitFor();
  await opened.goTo(`#/structures/${encodeURIComponent(id)}`);
  const tree = opened.page.getByRole('treegrid');
  const row = (name) =>
    tree
      .locator('[aria-level]')
      .filter({ has: opened.page.locator('[data-name]').getByText(name, { exact: true }) });
  /** Waits until the tree shows what the server has. */
  const shows = (expected) =>
    opened.page.waitForFunction((lines) => {
      const rows = [...document.querySelectorAll('[role=treegrid] [aria-level]')];
      rows.sort((a, b) => a.ariaRowIndex - b.ariaRowIndex);
      const seen = rows.map(
        (row) => '.'.repeat(row.ariaLevel - 1) + row.querySelector('[data-name]').textContent,
      );
      return JSON.stringify(seen) === JSON.stringify(lines);
    }, expected);
  return { ...opened, tree, row, shows };
}

test('a structure in every look', async () => {
  const id = await find('Grove roadmap');
  for (const { name, ...look } of LOOKS) {
    const { page, tree, picture, check, close } = await openStructure(demo, id, look);
    await tree.getByRole('row').nth(8).waitFor();
    await page.getByText('Owner:').waitFor();
    await check();
    await picture(`structure-${name}`);
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByRole('complementary').getByText('rows added').first().waitFor();
    await check();
    await picture(`structure-history-${name}`);
    await page
      .getByRole('complementary')
      .getByRole('button', { name: /version 1$/ })
      .click();
    if (look.viewport.width < 700) await page.getByLabel('Close the history').click();
    await page.getByText('As it was on').waitFor();
    await tree.getByText('Added').first().waitFor();
    await check();
    await picture(`structure-past-${name}`);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await page.getByText('As it was on').waitFor({ state: 'detached' });
    await page.getByPlaceholder('Find by key').fill('gro-1');
    await page.getByText(/ found$/).waitFor();
    await page.getByPlaceholder('Find by key').press('Enter');
    await page.getByText(/^\d of /).waitFor();
    await check();
    await picture(`structure-search-${name}`);
    await tree.getByRole('button', { name: /^Actions for GRO-1$/ }).click();
    await page.getByRole('menuitem', { name: 'Move to…' }).waitFor();
    await check();
    await picture(`structure-menu-${name}`);
    await page.getByRole('menuitem', { name: 'Move to…' }).click();
    await page.getByText('Moving GRO-1.').waitFor();
    await check();
    await picture(`structure-picking-${name}`);
    await close();
  }
});

test('rows are moved with the keyboard, and each move is said', async () => {
  const { id } = await makeStructure(['a'], ['b', ['b1'], ['b2']], ['c']);
  const { page, tree, shows, check, close } = await openStructure(server, id);
  await shows(['a', 'b', '.b1', '.b2', 'c']);
  await tree.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Alt+ArrowUp');
  await shows(['a', 'c', 'b', '.b1', '.b2']);
  await page.getByText('“c” is now 2 of 3 at the top level.').waitFor();
  await page.keyboard.press('Alt+ArrowRight');
  await page.getByText('“c” is now 1 of 1 under “a”.').waitFor();
  await page.keyboard.press('Alt+ArrowLeft');
  await page.getByText('“c” is now 2 of 3 at the top level.').waitFor();
  await page.keyboard.press('Alt+ArrowDown');
  await page.getByText('“c” is now 3 of 3 at the top level.').waitFor();
  await page.keyboard.press('Alt+ArrowDown');
  await page.getByText('cannot go further that way').waitFor();
  await page.keyboard.press('Control+z');
  await page.getByText('“c” is back').waitFor();
  assert.deepEqual(await outline(server, id), ['a', 'c', 'b', '.b1', '.b2']);
  for (let undone = 0; undone < 3; undone++) await page.keyboard.press('Control+z');
  await shows(['a', 'b', '.b1', '.b2', 'c']);
  await page.keyboard.press('Control+z');
  await page.getByText('There is no move to undo.').waitFor();
  await check();
  await close();
});

test('moves that are asked for faster than they are made follow each other', async () => {
  const { id } = await makeStructure(['a'], ['b'], ['c'], ['d']);
  const { page, tree, shows, close } = await openStructure(server, id);
  await shows(['a', 'b', 'c', 'd']);
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('moveRows')) await sleep(300);
    await route.continue();
  });
  await tree.focus();
  for (let step = 0; step < 3; step++) await page.keyboard.press('Alt+ArrowDown');
  await shows(['b', 'c', 'd', 'a']);
  for (let step = 0; step < 2; step++) await page.keyboard.press('Control+z');
  await shows(['b', 'a', 'c', 'd']);
  assert.deepEqual(await outline(server, id), ['b', 'a', 'c', 'd']);
  await close();
});

test('the keyboard goes through the tree, folds and unfolds', async () => {
  const { id } = await makeStructure(['a', ['a1', ['a2']]], ['b']);
  const { page, tree, row, shows, close } = await openStructure(server, id);
  const active = (text) => tree.locator('[aria-selected=true]').filter({ hasText: text }).waitFor();
  await shows(['a', '.a1', '..a2', 'b']);
  await tree.focus();
  await active('a');
  for (const key of ['ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  await active('a2');
  for (const key of ['ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key);
  await shows(['a', '.a1', 'b']);
  assert.equal(await row('a1').getAttribute('aria-expanded'), 'false');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  await shows(['a', 'b']);
  await page.keyboard.press('*');
  await shows(['a', '.a1', '..a2', 'b']);
  await page.getByRole('button', { name: 'Collapse all' }).click();
  await shows(['a', 'b']);
  await page.getByRole('button', { name: 'Expand all' }).click();
  await shows(['a', '.a1', '..a2', 'b']);
  await close();
});

test('a row is dragged before, after and under others, and put back', async () => {
  const { id } = await makeStructure(['a', ['a1']], ['b'], ['c']);
  const { page, row, shows, picture, close } = await openStructure(server, id);
  await shows(['a', '.a1', 'b', 'c']);
  const drag = async (from, to, part, landing) => {
    await row(from).hover();
    const handle = await row(from).getByTitle('Drag to move').boundingBox();
    const box = await row(to).boundingBox();
    const x = box.x + 300;
    const y = box.y + box.height * part;
    await page.mouse.move(handle.x + 8, handle.y + 10);
    await page.mouse.down();
    await page.mouse.move(x, y + 4, { steps: 4 });
    await page.mouse.move(x, y, { steps: 2 });
    await page.locator(`[data-landing=${landing}]`).waitFor();
    await picture(`structure-drag-${landing}`);
    await page.mouse.up();
  };
  await drag('c', 'b', 0.1, 'above');
  await shows(['a', '.a1', 'c', 'b']);
  await drag('b', 'a1', 0.9, 'below');
  await shows(['a', '.a1', '.b', 'c']);
  await drag('c', 'b', 0.5, 'into');
  await shows(['a', '.a1', '.b', '..c']);
  assert.deepEqual(await outline(server, id), ['a', '.a1', '.b', '..c']);
  const moved = page.getByLabel('Messages').getByText('Moved “c”: 1 of 1 under “b”.');
  await moved.locator('..').getByRole('button', { name: 'Undo' }).click();
  await shows(['a', '.a1', '.b', 'c']);
  await page.getByLabel('Messages').getByText('Put back “c”.').waitFor();
  assert.equal(await moved.count(), 0);
  assert.deepEqual(await outline(server, id), ['a', '.a1', '.b', 'c']);
  // Its own subtree is no place for a row.
  await row('a').hover();
  const handle = await row('a').getByTitle('Drag to move').boundingBox();
  const own = await row('a1').boundingBox();
  await page.mouse.move(handle.x + 8, handle.y + 10);
  await page.mouse.down();
  await page.mouse.move(own.x + 300, own.y + 18, { steps: 6 });
  assert.equal(await page.locator('[data-landing]').count(), 0);
  await page.mouse.up();
  await close();
});

test('the menu moves a row anywhere without a mouse', async () => {
  const { id } = await makeStructure(['a', ['a1']], ['b'], ['c']);
  const { page, tree, shows, check, close } = await openStructure(server, id);
  await shows(['a', '.a1', 'b', 'c']);
  await tree.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Move to…' }).press('Enter');
  await page.getByText('Moving “a”.').waitFor();
  await page.waitForFunction(() => document.activeElement?.role === 'treegrid');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Under “c”, as first' }).waitFor();
  await check();
  await page.getByRole('menuitem', { name: 'Under “c”, as first' }).click();
  await shows(['b', 'c', '.a', '..a1']);
  assert.deepEqual(await outline(server, id), ['b', 'c', '.a', '..a1']);
  await close();
});

test('rows are added and removed', async () => {
  const { id } = await makeStructure(['a']);
  const { page, tree, row, shows, picture, check, close } = await openStructure(server, id);
  await shows(['a']);
  await tree.focus();
  await page.getByRole('button', { name: 'Add rows' }).click();
  await page.getByLabel('Keys of issues').fill('no-1 no-2');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('dialog').getByText('There are no issues NO-1, NO-2.').waitFor();
  await check();
  await picture('structure-add');
  await page.getByText('A folder', { exact: true }).click();
  await page.getByLabel('Name of the folder').fill('Later');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await shows(['a', 'Later']);
  await row('a').click();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Add rows here…' }).click();
  await page.getByText('A folder', { exact: true }).click();
  await page.getByLabel('Name of the folder').fill('Ideas');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await shows(['a', '.Ideas', 'Later']);
  await row('a').click();
  await page.keyboard.press('Delete');
  await page.getByRole('alertdialog').getByText('with the 1 row below it').waitFor();
  await check();
  await picture('structure-remove');
  await page.getByRole('button', { name: 'Remove 2 rows' }).click();
  await shows(['Later']);
  await row('Later').click();
  await page.keyboard.press('Delete');
  await page.getByRole('button', { name: 'Remove 1 row' }).click();
  await page.getByText('No rows yet').waitFor();
  assert.deepEqual(await outline(server, id), []);
  await check();
  await picture('structure-empty');
  await close();
});

test('what others change shows, and survives a server that goes away', async () => {
  const { id, ids } = await makeStructure(['a'], ['b'], ['c']);
  const { page, shows, close } = await openStructure(server, id);
  await shows(['a', 'b', 'c']);
  await change(server, 'move', {
    structureId: id,
    rowIds: [ids.c],
    position: { under: ids.a, after: null },
  });
  await shows(['a', '.c', 'b']);
  await page.getByText('1 row moved by you').waitFor();
  await server.kill();
  await page.getByText('Not connected').waitFor();
  await server.startAgain();
  await change(server, 'add', {
    structureId: id,
    rows: [{ folder: 'd' }],
    position: { under: null, after: ids.b },
  });
  await change(server, 'remove', { structureId: id, rowIds: [ids.a] });
  await shows(['b', 'd']);
  await close();
});

test('the end of the changes is not the end of the structure', async () => {
  const { id } = await makeStructure(['a']);
  const { page, shows, check, close } = await openStructure(server, id);
  let followed = 0;
  let end;
  await page.routeWebSocket('**/graphql', (socket) => {
    const onward = socket.connectToServer();
    socket.onMessage((message) => {
      const { type, id, payload } = JSON.parse(message);
      if (type === 'subscribe' && payload.query.includes('structureChanges')) {
        followed += 1;
        end = () => socket.send(JSON.stringify({ id, type: 'complete' }));
      }
      onward.send(message);
    });
  });
  await page.reload();
  await shows(['a']);
  const add = (folder) =>
    change(server, 'add', {
      structureId: id,
      rows: [{ folder }],
      position: { under: null, after: null },
    });
  await add('b');
  await shows(['b', 'a']);
  // A server that stops ends every subscription, as this one seems to.
  end();
  await add('c');
  await shows(['c', 'b', 'a']);
  assert.equal(followed, 2);
  assert.equal(await page.getByText('no such structure').count(), 0);
  await check();
  await close();
});

test('a move that comes too late is refused in words, and the tree stays true', async () => {
  const { id, ids } = await makeStructure(['a'], ['b'], ['c']);
  const { page, tree, shows, close } = await openStructure(server, id);
  await shows(['a', 'b', 'c']);
  await tree.focus();
  // Another one moves a row while the request is on its way.
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('moveRows')) {
      await change(server, 'move', {
        structureId: id,
        rowIds: [ids.c],
        position: { under: null, after: null },
      });
    }
    await route.continue();
  });
  await page.keyboard.press('Alt+ArrowDown');
  await page.getByText('“a” was not moved.').waitFor();
  await shows(['c', 'a', 'b']);
  await close();
});

test('a structure is renamed and deleted', async () => {
  const { id } = await makeStructure(['a'], ['b']);
  const { page, shows, picture, check, close } = await openStructure(server, id);
  await shows(['a', 'b']);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: /^Edit/ }).click();
  await page.getByLabel('Name').fill('Renamed');
  await check();
  await picture('structure-edit');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Renamed' }).waitFor();
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: /^Delete/ }).click();
  await page.getByRole('alertdialog').getByText('its 2 rows').waitFor();
  await picture('structure-delete');
  await page.getByRole('button', { name: 'Delete structure' }).click();
  await page.getByRole('heading', { name: 'Manage structures' }).waitFor();
  const { structure } = await server.request('query($id: ID!) { structure(id: $id) { id } }', {
    id,
  });
  assert.equal(structure, null);
  await close();
});

test('a long name leaves room for the rows on a narrow screen', async () => {
  const name = 'Everything that the grove needs '.repeat(6).trim();
  const { structure } = await change(server, 'create', { name });
  const look = { viewport: { width: 360, height: 740 } };
  const { page, check, close } = await openStructure(server, structure.id, look);
  const title = page.getByRole('heading', { name });
  await title.waitFor();
  assert.equal(await title.getAttribute('title'), name);
  const { height, line } = await title.evaluate((element) => ({
    height: element.clientHeight,
    line: parseFloat(getComputedStyle(element).lineHeight),
  }));
  assert.ok(height <= 2 * line + 1, `the title is ${height} pixels high`);
  await check();
  await close();
});

test('a structure that is not there, and one that goes away', async () => {
  const { id } = await makeStructure(['a']);
  const { page, goTo, shows, check, picture, close } = await openStructure(server, id);
  await shows(['a']);
  await server.request('mutation($id: ID!) { deleteStructure(id: $id) { deletedId } }', { id });
  await page.getByText('There is no such structure any more').waitFor();
  await check();
  await goTo('#/structures/nonsense');
  await page.getByText('There is no such structure').waitFor();
  await check();
  await picture('structure-missing');
  await close();
});

test('rows that cannot be read are asked for again', async () => {
  const { id } = await makeStructure(['a']);
  const other = await makeStructure(['b']);
  const { page, faults, goTo, shows, close } = await openStructure(server, id);
  await shows(['a']);
  await page.route('**/graphql', (route) =>
    route.request().postData()?.includes('RowsPage') ? route.abort() : route.continue(),
  );
  await goTo(`#/structures/${encodeURIComponent(other.id)}`);
  await page.getByText('The server cannot be reached').waitFor();
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await shows(['b']);
  assert.ok(
    faults.every((fault) => fault.includes('ERR_FAILED')),
    faults.join(),
  );
  await close();
});

test('where synchronizers are switched off, the page works without them', async () => {
  const plain = await startServer({ enable: [] });
  const { structure } = await change(plain, 'create', { name: 'Plain' });
  await change(plain, 'add', {
    structureId: structure.id,
    rows: [{ folder: 'a' }, { folder: 'b' }],
    position: { under: null, after: null },
  });
  const { page, tree, shows, check, close } = await openStructure(plain, structure.id);
  await shows(['a', 'b']);
  await tree.focus();
  await page.keyboard.press('Alt+ArrowDown');
  await shows(['b', 'a']);
  await page.getByRole('button', { name: 'History' }).click();
  await page.getByRole('complementary').getByText('1 row moved').waitFor();
  assert.equal(await page.getByText(/sync/i).count(), 0);
  await check();
  await close();
  await plain.stop();
});

const real = process.env.UNDERSTORY_REAL_DATA;

test(
  'twenty thousand rows of real data',
  { skip: !real && 'UNDERSTORY_REAL_DATA is not set' },
  async (t) => {
    const files = readdirSync(real).filter((name) => name.endsWith('.jsonl.gz'));
    const big = await startServer({ files: files.map((name) => join(real, name)) });
    const { structure } = await change(big, 'create', { name: 'Titanium' });
    const { runImport } = await big.request(
      `mutation($input: RunOnceInput!) { runImport(input: $input) { job { id } userErrors { message } } }`,
      {
        input: {
          structureId: structure.id,
          settings: { savedFilter: { jql: 'project = TIMOB' } },
          confirm: true,
        },
      },
    );
    await ended(big, runImport);
    const begun = performance.now();
    const { page, tree, picture, check, close } = await openStructure(big, structure.id);
    await page.getByText(/^22,371 rows$/).waitFor();
    t.diagnostic(`read after ${Math.round(performance.now() - begun)} ms`);
    await tree.getByRole('row').nth(20).waitFor();
    await check();
    await picture('structure-real');
    const frames = await scroll(page, tree);
    t.diagnostic(`frames while scrolling: ${JSON.stringify(frames)}`);
    await page.keyboard.press('End');
    await tree.locator('[aria-rowindex="22372"]').waitFor();
    await page.getByPlaceholder('Find by key').fill('TIMOB-9999');
    await page.getByPlaceholder('Find by key').press('Enter');
    await tree.locator('[aria-selected=true]').filter({ hasText: 'TIMOB-9999' }).waitFor();
    await picture('structure-real-search');
    await close();
    await big.stop();
  },
);

/** Turns the mouse wheel over the tree: how many frames came, how many late, and the longest. */
async function scroll(page, tree) {
  await tree.focus();
  await tree.hover();
  await page.evaluate(() => {
    const gaps = (globalThis.gaps = []);
    let last = performance.now();
    const tick = (now) => {
      gaps.push(now - last);
      last = now;
      globalThis.ticking = requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  for (let turn = 0; turn < 80; turn++) await page.mouse.wheel(0, 900);
  return page.evaluate(() => {
    cancelAnimationFrame(globalThis.ticking);
    const { gaps } = globalThis;
    const late = gaps.filter((gap) => gap > 50).length;
    const rows = document.querySelectorAll('[role=treegrid] [aria-level]').length;
    return { frames: gaps.length, over50: late, longest: Math.round(Math.max(...gaps)), rows };
  });
}
