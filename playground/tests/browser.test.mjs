// Drives the playground of a built server in a real browser, as a person would.
//
//   UNDERSTORY_BIN=../target/debug/understory npm run test:browser
//
// CHROMIUM names the browser (default /usr/bin/chromium), SCREENSHOTS the folder for pictures.
// A request to another origin, an error on the console or a refused script fails the test.

import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { startDemo } from './demo-server.mjs';

const screenshots = process.env.SCREENSHOTS ?? mkdtempSync(join(tmpdir(), 'playground-'));
mkdirSync(screenshots, { recursive: true });

const TIMEOUT = 30_000;
let server;
let browser;

before(async () => {
  server = await startDemo();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
});

after(async () => {
  await browser?.close();
  await server?.stop();
  console.log(`screenshots: ${screenshots}`);
});

/** A page that collects all that must not happen on it. */
async function openPage(options, address = server.address) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT);
  const faults = [];
  const { origin, host } = new URL(server.address);
  context.on('request', (request) => {
    const url = new URL(request.url());
    const local = url.origin === origin || ['data:', 'blob:'].includes(url.protocol);
    if (!local) faults.push(`request to ${request.url()}`);
  });
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== host) faults.push(`socket to ${socket.url()}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`);
  });
  await page.goto(address);
  return { page, faults, close: () => context.close() };
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

const picture = (page, name) => page.screenshot({ path: join(screenshots, `${name}.png`) });

test('a query, a dry run, a resync and its job, live', async () => {
  const { page, faults, close } = await openPage();
  await page.waitForSelector('.graphiql-query-editor .view-line');
  assert.equal(new URL(page.url()).hash, '', 'the token stays in the address bar');
  await page.waitForSelector('.viewer');

  const info = JSON.parse(await run(page, /"serverInfo"/));
  assert.equal(info.data.serverInfo.synchronizersEnabled, true);
  assert.ok(page.workers().length > 0, "Monaco's language services run in workers");
  await picture(page, 'query');

  await openOperation(page, 'rows-of-a-structure', /RowsOfAStructure/);
  const rows = JSON.parse(await run(page, /"rows"/));
  assert.equal(rows.errors, undefined);
  assert.ok(rows.data.structure.rows.nodes.length > 0);
  await picture(page, 'rows');

  await openOperation(page, 'dry-run-resync', /DryRunResync/);
  assert.doesNotMatch(await editorText(page, 'variables.json'), /"\$/);
  const dryRun = JSON.parse(await run(page, /"startResync"/));
  assert.deepEqual(dryRun.data.startResync.userErrors, []);
  assert.equal(dryRun.data.startResync.job.dryRun, true);
  await picture(page, 'dry-run');

  await openOperation(page, 'start-resync', /StartResync/);
  const started = JSON.parse(await run(page, /"startResync"/));
  assert.deepEqual(started.data.startResync.userErrors, []);

  await openOperation(page, 'watch-job', /WatchJob/);
  const { id } = JSON.parse(await editorText(page, 'variables.json'));
  assert.equal(id, started.data.startResync.job.id);
  await run(page, /"state": "(QUEUED|RUNNING|SUCCEEDED)"/);
  await picture(page, 'watch-job');
  await waitForText(page, 'response.json', /"state": "SUCCEEDED"/);
  // The subscription has ended: the button runs again instead of stopping.
  await page.getByLabel(/^Execute query/).waitFor();
  await picture(page, 'watch-job-ended');

  await page.getByLabel('Show Documentation Explorer').click();
  await page.locator('.graphiql-doc-explorer').getByText('Mutation', { exact: true }).waitFor();
  await picture(page, 'documentation');

  assert.deepEqual(faults, []);
  await close();
});

test('signing out and in again', async () => {
  const { page, faults, close } = await openPage();
  await page.getByRole('button', { name: 'Sign out' }).click();
  const field = page.getByLabel('Access token');
  await field.waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  await picture(page, 'sign-in');
  assert.deepEqual(faults, []);

  await field.fill('not-a-token');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').filter({ hasText: 'did not accept' }).waitFor();
  await picture(page, 'sign-in-refused');
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
  const { page, faults, close } = await openPage({}, `${server.origin}/#token=gone`);
  await page.getByRole('alert').filter({ hasText: 'no longer accepts' }).waitFor();
  assert.equal(new URL(page.url()).hash, '');
  assert.equal(faults.filter((fault) => !fault.includes('401')).length, 0, faults.join('\n'));
  await close();
});

test('the page fits a telephone, in the dark', async () => {
  const { page, faults, close } = await openPage({
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
  });
  await page.waitForSelector('.graphiql-query-editor .view-line');
  await run(page, /"serverInfo"/);
  await picture(page, 'narrow');
  await page.getByLabel('Show Operations').click();
  await picture(page, 'narrow-operations');
  await openOperation(page, 'structures', /Structures/);
  await run(page, /"structures"/);
  await picture(page, 'narrow-structures');
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.ok(overflow <= 0, `the page is ${overflow} pixels too wide`);
  assert.deepEqual(faults, []);
  await close();
});
