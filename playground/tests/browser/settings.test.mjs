// Synchronization settings: the cards, installing each kind, editing, enabling, uninstalling.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, LOOKS, openPage } from './browser.mjs';
import { startDemo, startServer, stopAll } from './server.mjs';

let demo;
let browser;
let structures;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
  const { structures: all } = await demo.request('{ structures { nodes { id name } } }');
  structures = Object.fromEntries(all.nodes.map(({ name, id }) => [name, id]));
});

after(async () => {
  await browser?.close();
  await stopAll();
});

const settings = (id) => `/structures/${id}/sync`;
const card = (page, name) => page.getByRole('article', { name, exact: true });
const button = (at, name) => at.getByRole('button', { name, exact: true });

/** The synchronizers of a structure as the API has them. */
async function synchronizersOf(server, id) {
  const { structure } = await server.request(
    `query ($id: ID!) { structure(id: $id) { synchronizers {
      id name kind state settings {
        __typename
        ... on SavedFilterSettings { savedFilter { name } jql add allowMove remove removeOnlyFromPlacement
          placeUnder { item { ... on Folder { name } ... on Issue { key } } } }
        ... on SubTasksSettings { issueTypes }
        ... on LinksSettings { linkType { name } parentEnd parentJql subIssueJql scope unlinkedRows primacy }
        ... on AgileSettings { board { name } boardProjects: projectKeys syncRank rankMode syncEpics addSubTasks }
        ... on StatusRollupSettings { projectKeys issueTypes statuses resolution }
      } } } }`,
    { id },
  );
  return structure.synchronizers;
}

async function findSynchronizer(server, id, name) {
  return (await synchronizersOf(server, id)).find((one) => one.name === name);
}

/** Opens the form of a kind. */
async function openForm(goTo, page, structure, kind) {
  await goTo(`${settings(structure)}/install`);
  await page.getByRole('link', { name: `Choose ${kind}`, exact: true }).click();
  await page.getByRole('heading', { name: `Install synchronizer: ${kind}` }).waitFor();
}

/** Installs what the form says, and waits for the word of it. */
async function install(page, name) {
  await page.getByLabel('Name (optional)').fill(name);
  await button(page, 'Install').click();
  await page.getByText(`“${name}” is installed.`).waitFor();
  await card(page, name).getByText('Disabled').waitFor();
}

test('the cards of a structure in every look', async () => {
  for (const { name, ...look } of LOOKS) {
    const { page, goTo, picture, check, close } = await openPage(browser, demo.address, look);
    await page.getByRole('heading', { name: 'Manage structures' }).waitFor();
    await goTo(settings(structures['Grove roadmap']));
    await card(page, 'Work of the app').getByText('Grove work').waitFor();
    await card(page, 'Status of stories').getByText('To Do').waitFor();
    await check();
    await picture(`settings-${name}`);
    await goTo(settings(structures['Delivery plan']));
    await card(page, 'What includes what').getByText('From the structure').waitFor();
    await check();
    await picture(`settings-links-${name}`);
    await goTo(`${settings(structures['Delivery plan'])}/install`);
    await page.getByRole('link', { name: 'Choose Links' }).waitFor();
    await check();
    await picture(`install-kinds-${name}`);
    await close();
  }
});

test('the form of each kind in every look', async () => {
  for (const { name, ...look } of LOOKS) {
    const { page, goTo, picture, check, close } = await openPage(browser, demo.address, look);
    const tall = { ...look.viewport, height: 1900 };
    for (const kind of ['Saved filter', 'Sub-tasks', 'Links', 'Agile board', 'Status rollup']) {
      await openForm(goTo, page, structures['Delivery plan'], kind);
      if (kind === 'Status rollup') {
        await button(page, 'Add In Progress').click();
        await button(page, 'Add Done').click();
      }
      if (kind === 'Links')
        await page.getByLabel('Type of link', { exact: true }).selectOption({ index: 2 });
      if (kind === 'Saved filter') {
        await page.getByLabel('Query (JQL)').fill('project = GRO AND updated >= -7d');
        await page.getByText(/issues? match/).waitFor();
      }
      // The colours of all forms are the same: two looks are enough for the slow check.
      if (name === 'light' || name === 'dark-narrow') await check();
      await page.setViewportSize(tall);
      await picture(`install-${kind.toLowerCase().replace(' ', '-')}-${name}`);
      await page.setViewportSize(look.viewport);
    }
    await close();
  }
});

test('a saved filter: a query with an error, a place, a preview, then installed', async () => {
  const structure = structures['Delivery plan'];
  const { addRows } = await demo.request(
    `mutation ($id: ID!) { addRows(input: { structureId: $id, rows: [{ folder: "Later" }],
      position: {} }) { rows { id } userErrors { message } } }`,
    { id: structure },
  );
  const { page, goTo, faults, picture, check, close } = await openPage(browser, demo.address);
  await openForm(goTo, page, structure, 'Saved filter');
  const query = page.getByLabel('Query (JQL)');
  await query.fill('project = = GRO');
  await page.getByText('column 11').waitFor();
  assert.equal(await query.getAttribute('aria-invalid'), 'true');
  await picture('install-jql-error');
  await query.fill('project = GRO AND type = Epic');
  await page.getByText(/issues match: GRO-/).waitFor();

  const move = page.getByRole('checkbox', { name: 'Move issues that stand elsewhere there too' });
  assert.ok(await move.isDisabled());
  await button(page, 'Choose a row…').click();
  await button(page.getByRole('dialog'), 'Cancel').click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await button(page, 'Choose a row…').click();
  await page.getByLabel('Find a row').fill('late');
  await page.getByRole('option', { name: 'Later' }).waitFor();
  await picture('install-place');
  await check();
  await page.getByLabel('Find a row').press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('Under Later').first().waitFor();
  await page.getByText('Move issues that stand elsewhere there too').click();
  await page.getByText('Remove rows of issues that are not in the query').click();
  await page.getByText('Only directly under Later').click();
  await button(page, 'Preview what it would change').click();
  await page.getByText(/\d+ rows? (added|moved)/).waitFor();
  await picture('install-preview');
  await button(page, 'Every change…').first().click();
  await page.getByRole('dialog').getByRole('list', { name: 'Changes' }).waitFor();
  await check();
  await button(page.getByRole('dialog'), 'Close').click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(
    await query.inputValue(),
    'project = GRO AND type = Epic',
    'the form is still there',
  );
  await check();
  const windowScrolled = await page.evaluate(() => document.documentElement.scrollTop);
  assert.equal(windowScrolled, 0, 'the page scrolls below its bar, the window does not');
  const rowsBefore = await rowCount(structure);
  await install(page, 'Epics for later');
  await picture('settings-installed');
  await check();
  assert.equal(await rowCount(structure), rowsBefore, 'nothing happens before a resync');
  const {
    kind,
    state,
    settings: made,
  } = await findSynchronizer(demo, structure, 'Epics for later');
  assert.deepEqual([kind, state], ['SAVED_FILTER', 'DISABLED']);
  assert.deepEqual(made, {
    __typename: 'SavedFilterSettings',
    savedFilter: null,
    jql: 'project = GRO AND type = Epic',
    add: true,
    allowMove: true,
    remove: true,
    removeOnlyFromPlacement: true,
    placeUnder: { item: { name: 'Later' } },
  });

  await demo.request(
    `mutation ($input: RemoveRowsInput!) { removeRows(input: $input) { userErrors { message } } }`,
    { input: { structureId: structure, rowIds: addRows.rows.map(({ id }) => id) } },
  );
  await goTo('/');
  await goTo(settings(structure));
  const broken = card(page, 'Epics for later');
  await broken.getByText('The row that it adds issues under is gone.').waitFor();
  assert.equal(await button(broken, 'Enable').count(), 0);
  await check();
  await picture('settings-not-available');
  await broken.getByRole('link', { name: 'Correct the settings' }).click();
  await page.getByText('It cannot run as it is').waitFor();
  await button(page, 'Save').click();
  await page.getByText('The row is gone: choose another one, or the top level.').waitFor();
  await picture('edit-place-gone');
  await button(page, 'Use the top level').click();
  await button(page, 'Save').click();
  await page.getByText('“Epics for later” is changed.').waitFor();
  assert.equal((await findSynchronizer(demo, structure, 'Epics for later')).state, 'DISABLED');
  assert.deepEqual(faults, []);
  await close();
});

async function rowCount(id) {
  const { structure } = await demo.request('query ($id: ID!) { structure(id: $id) { rowCount } }', {
    id,
  });
  return structure.rowCount;
}

test('input that is not saved comes back until it is cancelled or begun anew', async () => {
  const structure = structures['Delivery plan'];
  const { page, goTo, check, close } = await openPage(browser, demo.address);
  const name = page.getByLabel('Name (optional)');
  const back = page.getByText('Your unsaved input is back.');
  await openForm(goTo, page, structure, 'Sub-tasks');
  await name.fill('Half done');
  await goTo(settings(structure));
  await openForm(goTo, page, structure, 'Links');
  assert.equal(await name.inputValue(), '', 'each kind has its own');
  await openForm(goTo, page, structure, 'Sub-tasks');
  await back.waitFor();
  assert.equal(await name.inputValue(), 'Half done');
  await check();

  const asked = page.waitForEvent('dialog');
  const reloaded = page.reload();
  const question = await asked;
  assert.equal(question.type(), 'beforeunload');
  await question.accept();
  await reloaded;
  await back.waitFor();
  assert.equal(await name.inputValue(), 'Half done');

  await button(page, 'Start over').click();
  await back.waitFor({ state: 'detached' });
  assert.equal(await name.inputValue(), '');
  await name.fill('Given up');
  await button(page, 'Cancel').click();
  await page.getByRole('heading', { name: 'Synchronization settings' }).waitFor();
  await openForm(goTo, page, structure, 'Sub-tasks');
  assert.equal(await name.inputValue(), '');
  assert.equal(await back.count(), 0);
  await close();
});

test('a saved filter can be made on the way', async () => {
  const structure = structures['Delivery plan'];
  const { page, goTo, picture, check, close } = await openPage(browser, demo.address);
  await openForm(goTo, page, structure, 'Saved filter');
  await page.getByText('A saved filter', { exact: true }).click();
  await button(page, 'Install').click();
  await page.getByText('Choose a saved filter.').waitFor();
  await button(page, 'New filter…').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Bugs');
  await dialog.getByLabel('Query (JQL)').fill('type = Bug');
  await dialog.getByText(/match/).waitFor();
  await check();
  await picture('install-new-filter');
  await button(dialog, 'Create').click();
  await dialog.waitFor({ state: 'detached' });
  await install(page, 'All bugs');
  const { settings: made } = await findSynchronizer(demo, structure, 'All bugs');
  assert.equal(made.savedFilter.name, 'Bugs');
  await close();
});

test('sub-tasks of a type, and one that does not exist', async () => {
  const structure = structures['Delivery plan'];
  const { page, goTo, picture, check, close } = await openPage(browser, demo.address);
  await openForm(goTo, page, structure, 'Sub-tasks');
  await page.getByRole('checkbox', { name: 'Sub-task', exact: true }).check();
  await page.getByLabel('Another type').fill('Chore');
  await page.getByLabel('Another type').press('Enter');
  await button(page, 'Install').click();
  await page.getByText('“Chore” is no type of sub-tasks').waitFor();
  await check();
  await picture('install-refused');
  await page.getByRole('checkbox', { name: 'Chore' }).click();
  await install(page, 'Sub-tasks below');
  const { settings: made } = await findSynchronizer(demo, structure, 'Sub-tasks below');
  assert.deepEqual(made.issueTypes, ['Sub-task']);
  await close();
});

test('links in the words of their type, and a warning when it is enabled', async () => {
  const structure = structures['Delivery plan'];
  const { page, goTo, picture, check, close } = await openPage(browser, demo.address);
  await openForm(goTo, page, structure, 'Links');
  await button(page, 'Install').click();
  await page.getByText('Choose a type of link.').waitFor();
  await page
    .getByLabel('Type of link', { exact: true })
    .selectOption({ label: 'Includes (includes / is included in)' });
  await page.getByText('is included in the other').click();
  await page.getByLabel('Issues that may be parents (JQL)').fill('type = Epic');
  await page.getByText('Is removed', { exact: true }).click();
  await page.getByText('Lets the links win').click();
  await install(page, 'The other way round');
  const { settings: made } = await findSynchronizer(demo, structure, 'The other way round');
  assert.deepEqual(made, {
    __typename: 'LinksSettings',
    linkType: { name: 'Includes' },
    parentEnd: 'TARGET',
    parentJql: 'type = Epic',
    subIssueJql: null,
    scope: 'IN_STRUCTURE',
    unlinkedRows: 'REMOVE',
    primacy: 'TRACKER',
  });

  const first = card(page, 'What includes what');
  await button(first, 'Enable').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('It does not bring both sides together').waitFor();
  await check();
  await picture('settings-enable');
  await button(dialog, 'Enable').click();
  await dialog.waitFor({ state: 'detached' });
  await first.getByText('Enabled').waitFor();
  const second = card(page, 'The other way round');
  await second.getByText('Another synchronizer claims the same').waitFor();
  await button(second, 'Enable').click();
  await dialog.getByText('with the parent at opposite ends').waitFor();
  await picture('settings-enable-warning');
  await check();
  await button(dialog, 'Enable').click();
  await second.getByText('Enabled').waitFor();
  await first.getByText('with the parent at opposite ends').waitFor();
  await picture('settings-warnings');
  assert.equal((await findSynchronizer(demo, structure, 'What includes what')).state, 'ENABLED');

  await button(second, 'Disable').click();
  await second.getByText('Disabled').waitFor();
  await button(first, 'Disable').click();
  await first.getByText('Disabled').waitFor();
  await first.getByText('with the parent at opposite ends').waitFor({ state: 'detached' });
  const states = (await synchronizersOf(demo, structure)).map(({ state }) => state);
  assert.ok(!states.includes('ENABLED'));
  await close();
});

test('a board or projects, and a new board', async () => {
  const structure = structures['Delivery plan'];
  const { page, goTo, picture, close } = await openPage(browser, demo.address);
  await openForm(goTo, page, structure, 'Agile board');
  await button(page, 'New board…').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Unordered');
  await dialog.getByLabel('Query (JQL)').fill('project = GRO');
  await dialog.getByText('Its issues are planned in the order of their ranks').click();
  await button(dialog, 'Create').click();
  await dialog.waitFor({ state: 'detached' });
  await button(page, 'Install').click();
  await page.getByText('is not ranked').waitFor();
  await picture('install-not-ranked');
  await page.getByText('Projects', { exact: true }).click();
  await page.getByRole('checkbox', { name: 'GRO' }).check();
  await page.getByText('From top to bottom').click();
  await install(page, 'Whole backlog');
  const { settings: made } = await findSynchronizer(demo, structure, 'Whole backlog');
  assert.deepEqual(made, {
    __typename: 'AgileSettings',
    board: null,
    boardProjects: ['GRO'],
    syncRank: true,
    rankMode: 'CONSECUTIVE',
    syncEpics: true,
    addSubTasks: false,
  });
  await close();
});

test('statuses in an order, by keyboard; then edited, run and uninstalled', async () => {
  const structure = structures['Delivery plan'];
  const { page, goTo, picture, check, close } = await openPage(browser, demo.address);
  await openForm(goTo, page, structure, 'Status rollup');
  await button(page, 'Add Done').click();
  await button(page, 'Add To Do').click();
  await page.getByLabel('Another status').fill('in progress');
  await page.getByLabel('Another status').press('Enter');
  await button(page, 'Move To Do up').focus();
  await page.keyboard.press('Enter');
  await page.getByText('To Do is number 1 of 3.').waitFor();
  await button(page, 'Move In Progress up').press('Enter');
  await page.getByLabel('Resolution').fill('Done');
  await page.getByRole('group', { name: 'Types' }).getByLabel('Story').check();
  await install(page, 'Rollup');
  const made = await findSynchronizer(demo, structure, 'Rollup');
  assert.deepEqual(made.settings, {
    __typename: 'StatusRollupSettings',
    projectKeys: [],
    issueTypes: ['Story'],
    statuses: ['To Do', 'In Progress', 'Done'],
    resolution: 'Done',
  });

  // Enabled through the API, told by a job that it runs.
  await demo.request(
    'mutation ($id: ID!) { setSynchronizerEnabled(id: $id, enabled: true) { userErrors { code } } }',
    { id: made.id },
  );
  await goTo(`/synchronizers/${made.id}`);
  await page.getByText('Saving disables it').waitFor();
  await check();
  await picture('edit-enabled');
  assert.equal(await page.getByLabel('Resolution').inputValue(), 'Done');
  await page.getByLabel('Name', { exact: true }).fill('');
  await button(page, 'Save and disable').click();
  await page.getByText(/Name .*character/).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('Rollup of stories');
  await button(page, 'Remove In Progress').click();
  await button(page, 'Save and disable').click();
  await page.getByText('“Rollup of stories” is changed and disabled.').waitFor();
  const edited = await findSynchronizer(demo, structure, 'Rollup of stories');
  assert.deepEqual(edited.settings.statuses, ['To Do', 'Done']);
  assert.equal(edited.state, 'DISABLED');
  await picture('settings-edited');

  // A job that starts elsewhere appears by itself.
  const one = card(page, 'Rollup of stories');
  await one.getByText('None yet').waitFor();
  await demo.request(
    `mutation ($id: ID!) { startResync(input: { synchronizerId: $id, direction: FROM_STRUCTURE,
      dryRun: true }) { userErrors { code } } }`,
    { id: made.id },
  );
  await one.getByText('dry run').waitFor();
  await one.getByText('Succeeded').waitFor();

  await button(one, 'Uninstall Rollup of stories').click();
  const dialog = page.getByRole('alertdialog');
  await check();
  await picture('settings-uninstall');
  await button(dialog, 'Uninstall').click();
  await one.waitFor({ state: 'detached' });
  assert.equal(await findSynchronizer(demo, structure, 'Rollup of stories'), undefined);
  await close();
});

test('the edit form in every look', async () => {
  const { id } = await findSynchronizer(demo, structures['Grove board'], 'Epics and order');
  for (const { name, ...look } of LOOKS) {
    const { page, goTo, picture, check, close } = await openPage(browser, demo.address, look);
    await goTo(`/synchronizers/${id}`);
    await page.getByRole('heading', { name: 'Edit “Epics and order”' }).waitFor();
    await page.getByText('Grove board').first().waitFor();
    await check();
    await picture(`edit-${name}`);
    await close();
  }
});

test('whoever may only look, looks', async () => {
  const { id } = await findSynchronizer(demo, structures['Grove board'], 'Epics and order');
  const { page, goTo, picture, check, close } = await openPage(browser, demo.address);
  // No user has less than Control of what they see yet, so the answer is made to say so.
  await page.route('**/graphql', async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replaceAll('"CONTROL"', '"VIEW"');
    await route.fulfill({ response, body });
  });
  await goTo(settings(structures['Grove board']));
  await page.getByText('You may look, but not change anything here').waitFor();
  await card(page, 'Epics and order').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Enable' }).count(), 0);
  assert.equal(await page.getByRole('link', { name: /Resync|Install|Edit/ }).count(), 0);
  await check();
  await picture('settings-view-only');
  await goTo(`/synchronizers/${id}`);
  await page.getByRole('heading', { name: 'What it does' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Save' }).count(), 0);
  await check();
  await goTo(`${settings(structures['Grove board'])}/install`);
  await page.getByText('You may look, but not change anything here').waitFor();
  await close();
});

test('what is not there for a viewer, does not exist; an empty structure says what to do', async () => {
  const server = await startServer();
  const { createStructure } = await server.request(
    'mutation { createStructure(input: { name: "Own" }) { structure { id } } }',
  );
  const { id } = createStructure.structure;
  const mine = await openPage(browser, server.address);
  await mine.goTo(settings(id));
  await mine.page.getByText('Nothing keeps it in sync yet').waitFor();
  await mine.check();
  await mine.picture('settings-empty');
  await mine.close();
  const address = `${server.origin}/#token=${server.createToken('max', 'member')}`;
  const { page, goTo, picture, check, close } = await openPage(browser, address);
  for (const route of [settings(id), `${settings(id)}/install`, settings('nonsense')]) {
    await goTo(route);
    await page.getByText('There is no such structure').waitFor();
    await check();
  }
  await picture('settings-missing');
  await goTo('/synchronizers/U3luY2hyb25pemVyOjk5');
  await page.getByText('There is no such synchronizer').waitFor();
  await close();
  await server.stop();
});

test('where synchronizers are switched off, the pages say so', async () => {
  const server = await startServer({ enable: [] });
  const { page, goTo, check, close } = await openPage(browser, server.address);
  for (const route of ['/structures/x/sync', '/structures/x/sync/install', '/synchronizers/x']) {
    await goTo(route);
    await page.getByText('Synchronizers are switched off').waitFor();
    await check();
  }
  await close();
  await server.stop();
});
