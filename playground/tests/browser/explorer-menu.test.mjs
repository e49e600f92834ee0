// Every operation of the explorer's menu, as it stands, on the demo: opened by a click, run by the
// button, answered without an error.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, LOOKS, openPage } from './browser.mjs';
import { startDemo, stopAll } from './server.mjs';

let server;
let browser;

before(async () => {
  [server, browser] = await Promise.all([startDemo(), launch()]);
});

after(async () => {
  await browser?.close();
  await stopAll();
});

/** What one of GraphiQL's editors holds. */
const editorText = (page, name) =>
  page.evaluate(
    (suffix) =>
      globalThis.__MONACO?.editor
        .getModels()
        .find((model) => model.uri.path.endsWith(suffix))
        ?.getValue() ?? '',
    name,
  );

/** The tabs of GraphiQL hold their close buttons, and Monaco draws its own text: both are theirs. */
const THEIRS = ['.graphiql-tab', '.monaco-editor'];

/** What has to happen for a subscription that begins with nothing to tell. */
const CAUSES = {
  'watch-jobs': `mutation { startResync(input: { synchronizerId: "U3luY2hyb25pemVyOjE", direction: INTO_STRUCTURE, dryRun: true }) { job { id } } }`,
  'watch-structure-changes': `mutation { addRows(input: { structureId: "U3RydWN0dXJlOjI", rows: [{ folder: "New" }], position: {} }) { structure { version } } }`,
};

test('every operation of the menu runs as it stands', async () => {
  const { page, check, close } = await openPage(browser, server.address);
  await page.getByRole('link', { name: 'Explorer' }).click();
  await page.locator('.operations [data-operation]').first().waitFor();
  const names = await page
    .locator('.operations [data-operation]')
    .evaluateAll((buttons) => buttons.map((button) => button.dataset.operation));
  assert.ok(names.length > 20, names.join(' '));
  for (const name of names) {
    await page.locator(`[data-operation="${name}"]`).click();
    const title = name.replaceAll('-', '');
    await page.waitForFunction(
      (wanted) =>
        document.querySelector('.graphiql-tab-active')?.textContent?.toLowerCase().includes(wanted),
      title,
    );
    assert.equal(await page.locator('.operations-notice').textContent(), '', name);
    await page.locator('.graphiql-execute-button').click();
    const answered = page.waitForFunction(() => {
      const models = globalThis.__MONACO?.editor.getModels() ?? [];
      return models.some(
        (model) =>
          model.uri.path.endsWith('response.json') && /"(data|errors)"/.test(model.getValue()),
      );
    });
    const cause = setInterval(() => {
      if (CAUSES[name]) void server.request(CAUSES[name]);
    }, 300);
    await answered
      .catch((error) => assert.fail(`${name}: ${error.message}`))
      .finally(() => clearInterval(cause));
    const answer = JSON.parse(await editorText(page, 'response.json'));
    assert.equal(answer.errors, undefined, `${name}: ${JSON.stringify(answer.errors)}`);
  }
  await check({ except: THEIRS });
  await close();
});

test('the explorer in every look', async () => {
  for (const { name, ...look } of LOOKS) {
    const { page, picture, check, close } = await openPage(browser, server.address, look);
    await page.getByRole('link', { name: 'Explorer' }).click();
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
    await page.locator('.graphiql-execute-button').click();
    await page.getByText('synchronizersEnabled').nth(1).waitFor();
    await check({ except: THEIRS });
    await picture(`explorer-${name}`);
    await close();
  }
});
