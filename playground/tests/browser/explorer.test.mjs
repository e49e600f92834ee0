// Drives the explorer of the built binary with a real browser:
//
//   UNDERSTORY_BIN=../target/debug/understory npm run test:browser
//
// A request to another origin, an error on the console or a refused script fails a test.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openPage as open } from './browser.mjs';
import { startDemo, stopAll } from './server.mjs';

const TIMEOUT = 30_000;
let server;
let browser;

before(async () => {
  [server, browser] = await Promise.all([startDemo(), launch()]);
});

after(async () => {
  await browser?.close();
  await stopAll();
});

/** The explorer, signed in. */
async function openPage(options) {
  const opened = await open(browser, server.address, options);
  await opened.page.getByRole('link', { name: 'Explorer' }).click();
  return opened;
}

/** The text of one of GraphiQL's editors: `operation.graphql`, `variables.json`, `response.json`. */
const editorText = (page, name) =>
  page.evaluate(
    (suffix) =>
      globalThis.__MONACO?.editor
        .getModels()
        .find((model) => model.uri.path.endsWith(suffix))
        ?.getValue() ?? '',
    name,
  );

/** Waits until an editor's text satisfies a pattern, and returns the text. */
async function waitForText(page, name, pattern) {
  const deadline = Date.now() + TIMEOUT;
  for (;;) {
    const text = await editorText(page, name);
    if (pattern.test(text)) return text;
    assert.ok(Date.now() < deadline, `${name} never matched ${pattern}; it holds:\n${text}`);
    await page.waitForTimeout(50);
  }
}

async function openOperation(page, name, firstWords) {
  const panel = page.locator('.operations');
  if (!(await panel.isVisible())) await page.getByLabel('Show Operations').click();
  await page.locator(`[data-operation="${name}"]`).click();
  await waitForText(page, 'operation.graphql', firstWords);
  // GraphiQL takes up what was typed after a moment.
  await page.waitForTimeout(400);
}

async function run(page, pattern) {
  await page.locator('.graphiql-execute-button').click();
  return waitForText(page, 'response.json', pattern);
}

test('a query, a dry run, a resync and its job, live', async () => {
  const { page, faults, picture, close } = await openPage();
  await page.waitForSelector('.graphiql-query-editor .view-line');
  assert.equal(new URL(page.url()).hash, '#/explorer', 'the token stays in the address bar');
  await page.getByTestId('viewer').waitFor();

  const info = JSON.parse(await run(page, /"serverInfo"/));
  assert.equal(info.data.serverInfo.synchronizersEnabled, true);
  assert.ok(page.workers().length > 0, "Monaco's language services run in workers");
  await picture('explorer-query');

  await openOperation(page, 'rows-of-a-structure', /RowsOfAStructure/);
  const rows = JSON.parse(await run(page, /"rows"/));
  assert.equal(rows.errors, undefined);
  assert.ok(rows.data.structure.rows.nodes.length > 0);
  await picture('explorer-rows');

  await openOperation(page, 'dry-run-resync', /DryRunResync/);
  assert.doesNotMatch(await editorText(page, 'variables.json'), /"\$/);
  const dryRun = JSON.parse(await run(page, /"startResync"/));
  assert.deepEqual(dryRun.data.startResync.userErrors, []);
  assert.equal(dryRun.data.startResync.job.dryRun, true);
  await picture('explorer-dry-run');

  await openOperation(page, 'start-resync', /StartResync/);
  const started = JSON.parse(await run(page, /"startResync"/));
  assert.deepEqual(started.data.startResync.userErrors, []);

  await openOperation(page, 'watch-job', /WatchJob/);
  const { id } = JSON.parse(await editorText(page, 'variables.json'));
  assert.equal(id, started.data.startResync.job.id);
  await run(page, /"state": "(QUEUED|RUNNING|SUCCEEDED)"/);
  await picture('explorer-watch-job');
  await waitForText(page, 'response.json', /"state": "SUCCEEDED"/);
  // The subscription has ended: the button runs again instead of stopping.
  await page.getByLabel(/^Execute query/).waitFor();
  await picture('explorer-watch-job-ended');

  await page.getByLabel('Show Documentation Explorer').click();
  await page.locator('.graphiql-doc-explorer').getByText('Mutation', { exact: true }).waitFor();
  await picture('explorer-documentation');

  assert.deepEqual(faults, []);
  await close();
});

test('signing out and in again', async () => {
  const { page, faults, picture, close } = await openPage();
  await page.getByRole('button', { name: 'Sign out' }).click();
  const field = page.getByLabel('Access token');
  await field.waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await picture('explorer-sign-in');
  assert.deepEqual(faults, []);

  await field.fill('not-a-token');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').filter({ hasText: 'did not accept' }).waitFor();
  await picture('explorer-sign-in-refused');
  // The browser itself reports the refusal on the console: that one is wanted.
  assert.equal(faults.splice(0).filter((fault) => !fault.includes('401')).length, 0);

  await field.fill(server.token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForSelector('.graphiql-query-editor .view-line');
  await run(page, /"serverInfo"/);
  assert.deepEqual(faults, []);
  await close();
});

test('a token that the server does not accept brings the form back', async () => {
  const { page, faults, close } = await open(browser, `${server.origin}/#token=gone`);
  await page.getByRole('alert').filter({ hasText: 'no longer accepts' }).waitFor();
  assert.equal(new URL(page.url()).hash, '');
  assert.equal(faults.filter((fault) => !fault.includes('401')).length, 0, faults.join('\n'));
  await close();
});

test('the page fits a telephone, in the dark', async () => {
  const { page, faults, picture, close } = await openPage({
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
  });
  await page.waitForSelector('.graphiql-query-editor .view-line');
  await run(page, /"serverInfo"/);
  await picture('explorer-narrow');
  await page.getByLabel('Show Operations').click();
  await picture('explorer-narrow-operations');
  await openOperation(page, 'structures', /Structures/);
  await run(page, /"structures"/);
  await picture('explorer-narrow-structures');
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.ok(overflow <= 0, `the page is ${overflow} pixels too wide`);
  assert.deepEqual(faults, []);
  await close();
});
