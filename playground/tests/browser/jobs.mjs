// What the tests of jobs do again and again: on the pages as a person, past them by the API.

import assert from 'node:assert/strict';

/** A structure of the demo with its synchronizers and rows. */
export async function find(server, name) {
  const { structures } = await server.request(
    `query($name: String) { structures(nameContains: $name) { nodes {
       id version
       synchronizers { id kind state }
       rows(first: 500) { nodes { id depth item { ... on Issue { key } ... on Folder { name } } } }
     } } }`,
    { name },
  );
  return structures.nodes[0];
}

/** Its rows, each as its depth and its key or name. */
export const tree = ({ rows }) =>
  rows.nodes.map(({ depth, item }) => `${depth} ${item.key ?? item.name}`);
/** Its synchronizer of a kind. */
export const idOf = (structure, kind) => structure.synchronizers.find((it) => it.kind === kind).id;

/** A job, past the page. */
export async function readJob(server, id) {
  const { job } = await server.request(
    `query($id: ID!) { job(id: $id) {
       state dryRun direction error { code } counts { rowsMoved rowsRemoved linksRemoved conflicts }
       synchronizer { state } reverts { id }
     } }`,
    { id },
  );
  return job;
}

/** The job whose page is open. */
export const jobIdOf = (page) => decodeURIComponent(/#\/jobs\/(.+)$/.exec(page.url())[1]);

/** Waits until both directions have been tried out, or as many as there are. */
export const waitForDryRuns = async (page, number = 2) =>
  page
    .getByRole('radiogroup')
    .getByRole('link', { name: /^Dry run #/ })
    .nth(number - 1)
    .waitFor();

/** Chooses a direction. */
export const choose = (page, direction) =>
  page.locator('label').filter({ hasText: direction }).first().click();

/** A stage of the job whose page is open. */
export const stage = (page, name) =>
  page.getByRole('list', { name: 'Stages' }).getByText(name, { exact: true });

/** Presses through the question, ticking what has to be ticked. */
export async function confirm(page, button) {
  const dialog = page.getByRole('alertdialog');
  await dialog.waitFor();
  const tick = dialog.getByText('I have looked at these changes');
  if (await tick.isVisible()) {
    assert.ok(await dialog.getByRole('button', { name: button }).isDisabled());
    await tick.click();
  }
  await dialog.getByRole('button', { name: button }).click();
}

/** A picture of the whole page: the window grows to what scrolls in it. */
export async function takeWhole({ page, picture }, name) {
  const { width, height } = page.viewportSize();
  const full = await page.evaluate(() => {
    const main = document.querySelector('main');
    return innerHeight - main.clientHeight + main.scrollHeight;
  });
  await page.setViewportSize({ width, height: Math.max(height, full) });
  await picture(name);
  await page.setViewportSize({ width, height });
}
