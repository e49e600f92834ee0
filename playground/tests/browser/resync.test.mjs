// Start Resync, Job status and Background processes on the demo, as a person walks them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, LOOKS, openPage } from './browser.mjs';
import {
  choose,
  confirm,
  find,
  idOf,
  jobIdOf,
  readJob,
  stage,
  takeWhole,
  tree,
  waitForDryRuns,
} from './jobs.mjs';
import { startDemo, startServer, stopAll } from './server.mjs';

let browser;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await stopAll();
});

test('the way of a resync: from Manage structures over both dry runs to its job, and back', async () => {
  const demo = await startDemo();
  const before = await find(demo, 'Delivery');
  const synchronizer = idOf(before, 'LINKS');
  const { page, goTo, check, close } = await openPage(browser, demo.address);

  await page.getByRole('link', { name: 'Settings of Delivery plan' }).click();
  await page.waitForURL(/\/sync$/);
  await goTo(`/synchronizers/${synchronizer}/resync`);
  await page.getByRole('heading', { name: 'Resync', exact: true }).waitFor();
  await waitForDryRuns(page);
  const radios = page.getByRole('radiogroup');
  await radios.getByText('A resync in this direction would be stopped').waitFor();
  assert.equal(await page.getByRole('radio', { checked: true }).count(), 0, 'nothing is chosen');
  assert.ok(await page.getByRole('button', { name: 'Resync…' }).isDisabled());
  await check();

  await page.getByRole('radio', { name: /^Into the structure/ }).focus();
  await page.keyboard.press('Space');
  const changes = page.getByRole('list', { name: 'Changes' });
  await changes.getByText('is moved from').first().waitFor();
  await page.getByRole('radio', { name: /^Conflict/ }).click();
  await changes.getByText('which is overwritten').first().waitFor();
  assert.equal(await changes.getByText('Row moved', { exact: true }).count(), 0);

  // The second press falls outside the question, which stays; Escape answers it.
  await page.getByRole('button', { name: 'Resync…' }).dblclick();
  await page.getByRole('alertdialog').waitFor();
  await page.mouse.click(5, 5);
  await page.getByRole('alertdialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Resync…' }).click();
  await check();
  await page
    .getByRole('alertdialog')
    .getByText('13 rows that people arranged by hand would change.')
    .waitFor();
  await confirm(page, 'Resync and change 13 rows');
  await page.waitForURL(/#\/jobs\//);
  await stage(page, 'Succeeded').waitFor();
  await page.getByRole('list', { name: 'Changes' }).getByText('GRO-4 is moved').first().waitFor();
  await page.getByRole('log').getByText('The plan is the one that dry run').waitFor();
  await check();
  const done = jobIdOf(page);
  const job = await readJob(demo, done);
  assert.equal(job.state, 'SUCCEEDED');
  assert.equal(job.direction, 'INTO_STRUCTURE');
  assert.equal(job.counts.rowsMoved, 13);
  assert.notDeepEqual(tree(await find(demo, 'Delivery')), tree(before));

  await page.getByRole('button', { name: 'Undo…' }).click();
  await page.getByRole('alertdialog').getByText('GRO-4 is moved from GRO-1').waitFor();
  await check();
  await confirm(page, 'Undo 13 changes');
  await page.getByRole('heading', { name: /^Revert/ }).waitFor();
  await stage(page, 'Succeeded').waitFor();
  await check();
  assert.equal((await readJob(demo, jobIdOf(page))).reverts.id, done);
  assert.deepEqual(tree(await find(demo, 'Delivery')), tree(before));

  // The job that was undone says so, and offers it no more.
  await page.getByRole('link', { name: /^Job #/ }).click();
  await page.getByText(/^Undone by #\d+$/).waitFor();
  await page.getByRole('link', { name: /^Go to job #\d+$/ }).waitFor();
  assert.equal(await page.getByText('The synchronizer is disabled').count(), 0);
  assert.equal(await page.getByRole('button', { name: 'Undo…' }).count(), 0);
  await close();
  await demo.stop();
});

test('what an edit since the resync would lose is left by its undo, and told', async () => {
  const demo = await startDemo();
  const structure = await find(demo, 'Delivery');
  const { startResync } = await demo.request(
    `mutation($input: StartResyncInput!) { startResync(input: $input) { job { id } } }`,
    {
      input: {
        synchronizerId: idOf(structure, 'LINKS'),
        direction: 'INTO_STRUCTURE',
        confirm: true,
      },
    },
  );
  const opened = await openPage(browser, demo.address);
  const { page, goTo, check, picture, close } = opened;
  await goTo(`/jobs/${startResync.job.id}`);
  await stage(page, 'Succeeded').waitFor();
  const row = (await find(demo, 'Delivery')).rows.nodes.find(({ item }) => item.key === 'GRO-4');
  await demo.request(
    `mutation($input: MoveRowsInput!) { moveRows(input: $input) { userErrors { message } } }`,
    { input: { structureId: structure.id, rowIds: [row.id], position: { under: null } } },
  );
  await page.getByRole('button', { name: 'Undo…' }).click();
  await page.getByText('Not all of it can be undone').waitFor();
  await page.getByRole('radio', { name: /^Skipped/ }).click();
  await page.getByRole('alertdialog').getByRole('list', { name: 'Changes' }).getByText('GRO-4');
  await check();
  await picture('undo-skipped');
  await close();
  await demo.stop();
});

test('a dry run that no longer holds is refused, and looked at again', async () => {
  const demo = await startDemo();
  const structure = await find(demo, 'Delivery');
  const opened = await openPage(browser, demo.address);
  const { page, goTo, check, close } = opened;
  await goTo(`/synchronizers/${idOf(structure, 'LINKS')}/resync`);
  await waitForDryRuns(page);
  await choose(page, 'Into the structure');
  const under = structure.rows.nodes.find(({ item }) => item.key === 'GRO-1');
  const moved = structure.rows.nodes.find(({ item }) => item.key === 'GRO-4');
  await demo.request(
    `mutation($input: MoveRowsInput!) { moveRows(input: $input) { userErrors { message } } }`,
    { input: { structureId: structure.id, rowIds: [moved.id], position: { under: under.id } } },
  );
  await page.getByText('The structure was edited since this dry run.').first().waitFor();
  await page.getByRole('button', { name: 'Resync…' }).click();
  await confirm(page, /^Resync and change/);
  const notice = page.getByRole('alert').filter({ hasText: 'Something changed since you looked' });
  await notice.getByText('It would no longer do').waitFor();
  await check();
  await takeWhole(opened, 'resync-stale');
  assert.ok(await page.getByRole('button', { name: 'Resync…' }).isDisabled());
  await notice.getByRole('button', { name: 'Look again' }).click();
  await notice.waitFor({ state: 'detached' });
  await waitForDryRuns(page);
  await page.getByRole('button', { name: 'Resync…' }).click();
  await confirm(page, /^Resync and change/);
  await page.waitForURL(/#\/jobs\//);
  await stage(page, 'Succeeded').waitFor();
  assert.equal((await readJob(demo, jobIdOf(page))).state, 'SUCCEEDED');
  await close();
  await demo.stop();
});

test('the removal guard stops what would delete every link, until its limit is raised', async () => {
  const demo = await startDemo();
  const structure = await find(demo, 'Delivery');
  const opened = await openPage(browser, demo.address);
  const { page, goTo, check, picture, close } = opened;
  await goTo(`/synchronizers/${idOf(structure, 'LINKS')}/resync`);
  await waitForDryRuns(page);
  await choose(page, 'From the structure');
  await page.getByText('A resync in this direction would be stopped: see above.').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Resync…' }).isDisabled());
  await page.getByText('Removal guard: at most 50 %').click();
  const limit = page.getByLabel('Remove at most, in percent');
  await limit.fill('101');
  await page.getByText('A whole number from 0 to 100 is needed.').waitFor();
  await check();
  await takeWhole(opened, 'resync-guard');
  await limit.fill('100');
  await page.getByRole('button', { name: 'Dry run with this limit' }).click();
  await page
    .getByText('A resync in this direction would be stopped', { exact: true })
    .waitFor({ state: 'detached' });
  await waitForDryRuns(page);
  await page.getByRole('button', { name: 'Resync…' }).click();
  await picture('resync-confirm-removal');
  await confirm(page, 'Resync and delete 13 links');
  await page.waitForURL(/#\/jobs\//);
  await stage(page, 'Succeeded').waitFor();
  assert.equal((await readJob(demo, jobIdOf(page))).counts.linksRemoved, 13);
  await close();
  await demo.stop();
});

test('resync and enable, in the one direction that there is', async () => {
  const demo = await startDemo();
  const structure = await find(demo, 'roadmap');
  const opened = await openPage(browser, demo.address);
  const { page, goTo, check, close } = opened;
  await goTo(`/synchronizers/${idOf(structure, 'SAVED_FILTER')}/resync/enable`);
  await page.getByRole('heading', { name: 'Resync and Enable' }).waitFor();
  await waitForDryRuns(page, 1);
  await page.getByText('The result of a query cannot be written').waitFor();
  assert.ok(await page.getByRole('radio', { name: /From the structure/ }).isDisabled());
  await page.getByRole('list', { name: 'Changes' }).getByText('is added').first().waitFor();
  await check();
  await takeWhole(opened, 'resync-one-direction');
  await page.getByRole('button', { name: 'Resync and Enable…' }).click();
  await confirm(page, 'Resync and Enable');
  await page.waitForURL(/#\/jobs\//);
  await page.getByText('The synchronizer is enabled').first().waitFor();
  await check();
  await takeWhole(opened, 'job-enabled');
  assert.equal((await readJob(demo, jobIdOf(page))).synchronizer.state, 'ENABLED');

  // Once more: nothing would change, and it stays enabled.
  await goTo(`/synchronizers/${idOf(structure, 'SAVED_FILTER')}/resync`);
  await page.getByText('Nothing would change. Both sides agree.').waitFor();
  await page.getByText('The synchronizer is enabled and stays so').waitFor();
  await check();
  await takeWhole(opened, 'resync-nothing');
  await close();
  await demo.stop();
});

test('background processes: nothing has been done yet', async () => {
  const server = await startServer();
  const { page, check, close } = await openPage(browser, server.address);
  await page.getByRole('link', { name: 'Background processes' }).click();
  await page.getByText('Nothing has been done yet').waitFor();
  await check();
  await close();
  await server.stop();
});

test('background processes: a job that begins elsewhere appears by itself', async () => {
  const demo = await startDemo();
  const structure = await find(demo, 'Delivery');
  const opened = await openPage(browser, demo.address);
  const { page, check, close } = opened;
  await page.getByRole('link', { name: 'Background processes' }).click();
  await page.getByRole('table', { name: 'Ended' }).getByText('Import').waitFor();
  await check();
  await demo.request(
    `mutation($input: StartResyncInput!) { startResync(input: $input) { job { id } } }`,
    {
      input: {
        synchronizerId: idOf(structure, 'LINKS'),
        direction: 'FROM_STRUCTURE',
        confirm: true,
      },
    },
  );
  const list = page.getByRole('table', { name: 'Ended' });
  const job = list.getByRole('row').filter({ hasText: 'Resync from the structure' });
  await job.getByText('Failed').waitFor();
  await job.getByText('more than the 50 % that the removal guard allows').waitFor();
  await check();

  await page.getByLabel('Show').selectOption({ label: 'Waiting and running' });
  await page.getByText('Nothing waits or runs').waitFor();
  await page.getByLabel('Show').selectOption({ label: 'Failed or refused in part' });
  await job.waitFor();
  await page.getByLabel('Structure').selectOption({ label: 'Grove board' });
  await page.getByText('No job is like that').waitFor();
  await page.getByLabel('Structure').selectOption({ label: 'Delivery plan' });
  await job.getByRole('link', { name: /^Resync from the structure/ }).click();
  await page.getByRole('alert').getByText('it may be the wrong direction').waitFor();
  await check();
  await takeWhole(opened, 'job-failed');
  await page.getByRole('link', { name: 'Look at new dry runs' }).click();
  await waitForDryRuns(page);
  await close();
  await demo.stop();
});

test('what is not there, and what may not be seen', async () => {
  const demo = await startDemo();
  const { page, goTo, check, close } = await openPage(browser, demo.address);
  const job = Buffer.from('Job:999').toString('base64url');
  for (const route of [`/jobs/${job}`, '/jobs/nonsense']) {
    await goTo(route);
    await page.getByRole('heading', { name: 'There is no such job' }).waitFor();
    await check();
  }
  const synchronizer = Buffer.from('Synchronizer:999').toString('base64url');
  for (const route of [`/synchronizers/${synchronizer}/resync`, '/synchronizers/nonsense/resync']) {
    await goTo(route);
    await page.getByRole('heading', { name: 'There is no such synchronizer' }).waitFor();
    await check();
  }
  await close();
  await demo.stop();

  const server = await startServer();
  const { createStructure } = await server.request(
    'mutation { createStructure(input: { name: "Private" }) { structure { id } } }',
  );
  const { installSynchronizer } = await server.request(
    `mutation($input: InstallSynchronizerInput!) {
       installSynchronizer(input: $input) { synchronizer { id } }
     }`,
    {
      input: {
        structureId: createStructure.structure.id,
        settings: { savedFilter: { jql: '' } },
      },
    },
  );
  const { id } = installSynchronizer.synchronizer;
  const { startResync } = await server.request(
    `mutation($input: StartResyncInput!) { startResync(input: $input) { job { id } } }`,
    { input: { synchronizerId: id, direction: 'INTO_STRUCTURE', dryRun: true } },
  );
  const bob = server.createToken('bob', 'member');
  const other = await openPage(browser, `${server.origin}/#token=${bob}`);
  await other.goTo(`/synchronizers/${id}/resync`);
  await other.page.getByRole('heading', { name: 'There is no such synchronizer' }).waitFor();
  await other.goTo(`/jobs/${startResync.job.id}`);
  await other.page.getByRole('heading', { name: 'There is no such job' }).waitFor();
  await other.goTo('/jobs');
  await other.page.getByText('Nothing has been done yet').waitFor();
  await other.check();
  await other.close();
  await server.stop();
});

test('where synchronizers are switched off, a resync says so', async () => {
  const server = await startServer({ enable: [] });
  const { page, goTo, check, close } = await openPage(browser, server.address);
  await goTo('/synchronizers/U3luY2hyb25pemVyOjE/resync');
  await page.getByText('Synchronizers are switched off').waitFor();
  await check();
  for (const route of ['/jobs', '/jobs/Sm9iOjE']) {
    await goTo(route);
    await page.getByText('Synchronizers are switched off').waitFor();
    await check();
  }
  assert.equal(await page.getByRole('link', { name: 'Processes' }).count(), 0);
  await close();
  await server.stop();
});

test('every page and dialog, in every look', async () => {
  const demo = await startDemo();
  const structure = await find(demo, 'board');
  const synchronizer = idOf(structure, 'AGILE');
  for (const { name, ...look } of LOOKS) {
    const opened = await openPage(browser, demo.address, look);
    const { page, goTo, check, picture, close } = opened;
    await goTo(`/synchronizers/${synchronizer}/resync`);
    await waitForDryRuns(page);
    await takeWhole(opened, `resync-${name}`);
    await choose(page, 'Into the structure');
    await page.getByRole('list', { name: 'Changes' }).getByRole('listitem').first().waitFor();
    await check();
    await takeWhole(opened, `resync-chosen-${name}`);
    await page.getByRole('button', { name: 'Resync…' }).click();
    await page.getByRole('alertdialog').waitFor();
    await check();
    await picture(`resync-confirm-${name}`);
    await confirm(page, /^Resync/);
    await page.waitForURL(/#\/jobs\//);
    await stage(page, 'Succeeded').waitFor();
    await page.getByRole('list', { name: 'Changes' }).getByRole('listitem').first().waitFor();
    await check();
    await takeWhole(opened, `job-${name}`);
    await page.getByRole('button', { name: 'Undo…' }).click();
    const undo = page.getByRole('alertdialog').getByRole('button', { name: /^Undo \d/ });
    await undo.waitFor();
    await check();
    await picture(`undo-${name}`);
    await undo.click();
    await page.getByRole('heading', { name: /^Revert/ }).waitFor();
    await stage(page, 'Succeeded').waitFor();
    await goTo('/jobs');
    await page.getByRole('table', { name: 'Ended' }).getByText('Revert').first().waitFor();
    await check();
    await takeWhole(opened, `jobs-${name}`);
    await close();
  }
  await demo.stop();
});
