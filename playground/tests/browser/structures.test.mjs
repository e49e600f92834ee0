// Manage Structures, on the demo and on an empty server.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, LOOKS, openPage } from './browser.mjs';
import { startDemo, startServer, stopAll } from './server.mjs';

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});

after(async () => {
  await browser?.close();
  await stopAll();
});

test('the structures, with what keeps each in sync, in every look', async () => {
  for (const { name, ...look } of LOOKS) {
    const { page, picture, check, close } = await openPage(browser, demo.address, look);
    await page.getByRole('heading', { name: 'Manage structures' }).waitFor();
    const delivery = page.getByRole('row').filter({ hasText: 'Delivery' });
    await delivery.getByRole('listitem').filter({ hasText: 'Links' }).waitFor();
    await delivery.getByText('Disabled').first().waitFor();
    assert.equal(await page.getByRole('row').count(), 4, 'a heading and three structures');
    await check();
    await picture(`structures-${name}`);
    await close();
  }
});

test('finding by name', async () => {
  const { page, check, close } = await openPage(browser, demo.address);
  await page.getByLabel('Find by name').fill('board');
  await page.getByText('1 structure', { exact: true }).waitFor();
  await page.getByLabel('Find by name').fill('nothing of this name');
  await page.getByText('No structure is named like').waitFor();
  await check();
  await close();
});

test('an empty server says what to do, and does it', async () => {
  const server = await startServer();
  const { page, picture, check, close } = await openPage(browser, server.address);
  await page.getByText('No structures yet').waitFor();
  await check();
  await picture('structures-empty');
  await page.getByRole('button', { name: 'Create structure' }).first().click();
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByText('name', { exact: false }).filter({ hasText: 'character' }).first().waitFor();
  await page.getByLabel('Name').fill('Roadmap');
  await picture('structures-create');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.waitForURL(/#\/structures\//);
  const { structures } = await server.request('{ structures { nodes { name } } }');
  assert.deepEqual(structures.nodes, [{ name: 'Roadmap' }]);
  await close();
  await server.stop();
});

test('where synchronizers are switched off, nothing speaks of them', async () => {
  const server = await startServer({ enable: [] });
  await server.request(
    'mutation { createStructure(input: { name: "Plain" }) { structure { id } } }',
  );
  const { page, check, close } = await openPage(browser, server.address);
  await page.getByRole('link', { name: 'Plain', exact: true }).waitFor();
  assert.equal(await page.getByRole('columnheader', { name: 'Sync with' }).count(), 0);
  await check();
  await close();
  await server.stop();
});

test('what gets into a page does not run, load or send anything', async () => {
  const { page, faults, close } = await openPage(browser, demo.address);
  await page.getByRole('heading', { name: 'Manage structures' }).waitFor();
  assert.equal(new URL(page.url()).hash.includes('token'), false);
  assert.deepEqual(faults, []);
  const ran = await page.evaluate(async () => {
    const tell = (text) => `document.title = '${text}'`;
    const script = document.createElement('script');
    script.textContent = tell('inline');
    const loaded = document.createElement('script');
    loaded.src = `data:text/javascript,${encodeURIComponent(tell('loaded'))}`;
    const button = document.createElement('button');
    button.setAttribute('onclick', tell('clicked'));
    document.body.append(script, loaded, button);
    button.click();
    // What the debugger calls directly may evaluate; a later task is the page's own.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const evaluated = (() => {
      try {
        return new Function(tell('evaluated'))();
      } catch {
        return 'refused';
      }
    })();
    const sent = await fetch('http://127.0.0.1:9/').catch(() => 'refused');
    return [evaluated, sent];
  });
  assert.deepEqual(ran, ['refused', 'refused']);
  assert.doesNotMatch(await page.title(), /inline|loaded|clicked|evaluated/);
  for (const directive of ['script-src-elem', 'script-src-attr', 'script-src', 'connect-src']) {
    const told = faults.filter((fault) => fault.includes(`forbidden by ${directive}:`));
    assert.ok(told.length > 0, `${directive} in ${faults.join('\n')}`);
  }
  await close();
});

test('the first page is small, and the editor is not on it', async () => {
  const { page, close } = await openPage(browser, 'about:blank');
  const responses = [];
  page.on('response', (response) => responses.push(response));
  await page.goto(demo.address);
  await page.getByRole('heading', { name: 'Manage structures' }).waitFor();
  await page.waitForLoadState('networkidle');
  let bytes = 0;
  const names = [];
  for (const response of [...responses]) {
    const sizes = await response.request().sizes();
    bytes += sizes.responseBodySize + sizes.responseHeadersSize;
    names.push(new URL(response.url()).pathname);
  }
  assert.ok(bytes < 250_000, `the first page takes ${bytes} bytes`);
  assert.ok(bytes > 50_000, `only ${bytes} bytes were seen`);
  assert.ok(!names.some((name) => /monaco|explorer/.test(name)), names.join(' '));
  await close();
});

test('pages find their server again, whether it was stopped or killed', async () => {
  const server = await startServer();
  const { page, close } = await openPage(browser, server.address);
  const banner = page.getByText('Not connected');
  for (const end of [server.stopForNow, server.kill]) {
    await page.getByRole('heading', { name: 'Manage structures' }).waitFor();
    await end();
    await banner.waitFor();
    await server.startAgain();
    await banner.waitFor({ state: 'detached' });
  }
  await close();
  await server.stop();
});

test('a page whose script does not come says so, and the way back is open', async () => {
  const { page, close } = await openPage(browser, demo.address);
  await page.getByRole('heading', { name: 'Manage structures' }).waitFor();
  await page.route('**/assets/*jobs-page*', (route) => route.abort());
  await page.getByRole('link', { name: 'Background processes' }).click();
  await page.getByText('This page could not be loaded').waitFor();
  await page.getByRole('link', { name: 'Structures', exact: true }).click();
  await page.getByRole('link', { name: 'Delivery plan', exact: true }).waitFor();
  await page.unroute('**/assets/*jobs-page*');
  await close();
});

test('no width cuts the page', async () => {
  const { page, check, close } = await openPage(browser, demo.address);
  await page.getByRole('link', { name: 'Delivery plan', exact: true }).waitFor();
  for (const width of [320, 360, 480, 701, 720, 760, 800, 901, 1024]) {
    await page.setViewportSize({ width, height: 800 });
    await check();
  }
  await close();
});
