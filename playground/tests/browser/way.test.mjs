// The whole way of a user by clicks alone: from the list of structures over the settings to a
// resync that enables its synchronizer, and what is live afterwards.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openPage } from './browser.mjs';
import { startDemo, stopAll } from './server.mjs';

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});

after(async () => {
  await browser?.close();
  await stopAll();
});

const LINK_TYPES = '{ linkTypes { id name } }';
const LINK = `mutation($type: ID!) {
  linkIssues(input: { linkTypeId: $type, sourceKey: "GRO-2", targetKey: "GRO-8" }) { link { id } userErrors { message } }
}`;

test('from the list of structures to a synchronizer that carries changes over', async () => {
  const { page, picture, check, close } = await openPage(browser, demo.address);
  await page.getByRole('link', { name: 'Settings of Delivery plan' }).click();
  await page.getByRole('link', { name: 'Resync and Enable' }).click();

  await page.getByText('rows moved').first().waitFor();
  await page.getByText('A resync in this direction would be stopped').waitFor();
  await page.getByRole('radio', { name: /^Into the structure/ }).focus();
  await page.keyboard.press('Space');
  await check();
  await page.getByRole('main').evaluate((main) => main.scrollTo(0, 0));
  await picture('way-resync');
  const { jobs } = await demo.request('{ jobs { nodes { kind dryRun direction } } }');
  const dryRuns = jobs.nodes.filter(({ dryRun }) => dryRun).map(({ direction }) => direction);
  assert.deepEqual(dryRuns.sort(), ['FROM_STRUCTURE', 'INTO_STRUCTURE'], 'one for each direction');
  await page.getByRole('button', { name: /^Resync and Enable…/ }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByRole('checkbox').focus();
  await page.keyboard.press('Space');
  await check();
  await dialog.getByRole('button', { name: /^Resync/ }).click();

  await page.waitForURL(/#\/jobs\//);
  await page.getByText('Succeeded').first().waitFor();
  await check();
  await picture('way-job');

  const { synchronizer } = await demo.request(
    '{ synchronizer(id: "U3luY2hyb25pemVyOjM") { state } }',
  );
  assert.equal(synchronizer.state, 'ENABLED');

  // From now on a link made elsewhere moves a row on the page.
  await page.getByRole('link', { name: 'Delivery plan' }).first().click();
  const row = page.getByRole('row').filter({ hasText: 'GRO-8' }).first();
  await row.waitFor();
  assert.equal(await row.getAttribute('aria-level'), '1');
  const { linkTypes } = await demo.request(LINK_TYPES);
  const { linkIssues } = await demo.request(LINK, {
    type: linkTypes.find(({ name }) => name === 'Includes').id,
  });
  assert.deepEqual(linkIssues.userErrors, []);
  await page.locator('[role=row][aria-level="2"]').filter({ hasText: 'GRO-8' }).first().waitFor();
  await check();
  await picture('way-structure');

  await page.getByRole('link', { name: 'Background processes' }).click();
  await page.getByText('Incremental synchronization').first().waitFor();
  await check();
  await close();
});
