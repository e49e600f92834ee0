// Jobs that take long: they wait for others, go on over a reload and a crash of the server, and can
// be cancelled. On many issues, made up; UNDERSTORY_REAL_DATA names a folder of real ones
// (*.jsonl.gz) to be there as well.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch, LOOKS, openPage } from './browser.mjs';
import { confirm, jobIdOf, readJob, stage, takeWhole, waitForDryRuns } from './jobs.mjs';
import { startServer, stopAll } from './server.mjs';

const ISSUES = 40_000;
/** Dry runs that keep a structure busy, one behind the other. */
const BUSY = 12;
const folder = mkdtempSync(join(tmpdir(), 'understory-live-'));
let browser;
let server;
/** Each test has a structure of its own. */
let structureId;
/** Rules that ask for everything, in a way that takes seconds. */
let slow;

before(async () => {
  const real = process.env.UNDERSTORY_REAL_DATA;
  const files = real
    ? readdirSync(real)
        .filter((name) => name.endsWith('.jsonl.gz'))
        .map((name) => join(real, name))
    : [];
  [server, browser] = await Promise.all([
    startServer({ files: [writeIssues(), ...files] }),
    launch(),
  ]);
});

beforeEach(async () => {
  const { createStructure } = await server.request(
    'mutation { createStructure(input: { name: "Large" }) { structure { id } } }',
  );
  structureId = createStructure.structure.id;
  const none = Array.from({ length: 300 }, (_, index) => `summary ~ "nothing${index}"`);
  const jql = `project = GEN AND NOT (${none.join(' OR ')})`;
  slow = [];
  for (let number = 0; number < BUSY; number++) slow.push(await install(jql));
});

after(async () => {
  await browser?.close();
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(() => cancelAll());

function writeIssues() {
  const at = '2026-01-01T00:00:00.000+0000';
  const lines = Array.from({ length: ISSUES }, (_, index) => {
    const fields = {
      summary: `Issue ${index + 1}`,
      issuetype: { name: 'Task', subtask: false },
      project: { key: 'GEN', name: 'Generated' },
      status: { name: 'Open', statusCategory: { key: 'new' } },
      created: at,
      updated: at,
    };
    return JSON.stringify({ id: String(index + 1), key: `GEN-${index + 1}`, fields });
  });
  const path = join(folder, 'generated.jsonl');
  writeFileSync(path, lines.join('\n'));
  return path;
}

async function install(jql) {
  const { installSynchronizer } = await server.request(
    `mutation($input: InstallSynchronizerInput!) {
       installSynchronizer(input: $input) { synchronizer { id } userErrors { message } }
     }`,
    { input: { structureId, settings: { savedFilter: { jql } } } },
  );
  return installSynchronizer.synchronizer.id;
}

async function startResync(synchronizerId, more = {}) {
  const input = { synchronizerId, direction: 'INTO_STRUCTURE', confirm: true, ...more };
  const { startResync } = await server.request(
    `mutation($input: StartResyncInput!) {
       startResync(input: $input) { job { id number } userErrors { message } }
     }`,
    { input },
  );
  assert.deepEqual(startResync.userErrors, []);
  return startResync.job;
}

/** Keeps the structure busy with dry runs, which change nothing. */
const keepBusy = () => Promise.all(slow.map((id) => startResync(id, { dryRun: true })));

/** Lets nothing wait or run any more: no test waits for what another began. */
async function cancelAll() {
  for (;;) {
    const { jobs } = await server.request(
      '{ jobs(first: 500, states: [QUEUED, RUNNING, CANCELLING]) { nodes { id } } }',
    );
    if (jobs.nodes.length === 0) return;
    for (const { id } of jobs.nodes) {
      await server.request('mutation($id: ID!) { cancelJob(id: $id) { job { id } } }', { id });
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function rowCount() {
  const { structure } = await server.request(
    'query($id: ID!) { structure(id: $id) { rowCount } }',
    { id: structureId },
  );
  return structure.rowCount;
}

/** The open page in every look, without loading it again. */
async function inEveryLook({ page, picture, check }, name) {
  for (const look of LOOKS) {
    await page.setViewportSize(look.viewport);
    await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: 'reduce' });
    // The colours of what is on the page change with its next frames.
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    await takeWhole({ page, picture }, `${name}-${look.name}`);
    if (look === LOOKS[0] || look === LOOKS.at(-1)) await check();
  }
  await page.setViewportSize(LOOKS[0].viewport);
}

test('a resync waits for the incremental synchronization before it, says so, and is cancelled', async () => {
  const one = await install('key = GEN-1');
  await server.request(
    'mutation($id: ID!) { setSynchronizerEnabled(id: $id, enabled: true) { userErrors { message } } }',
    { id: one },
  );
  const opened = await openPage(browser, server.address);
  const { page, goTo, close } = opened;
  await goTo(`/synchronizers/${one}/resync`);
  await waitForDryRuns(page, 1);
  const other = await openPage(browser, server.address);
  await other.goTo(`/synchronizers/${slow[0]}/resync`);
  await waitForDryRuns(other.page, 1);

  await keepBusy();
  await server.request(
    'mutation { updateIssue(input: { key: "GEN-1", labels: ["seen"] }) { userErrors { message } } }',
  );
  await page.getByRole('button', { name: 'Resync…' }).click();
  await confirm(page, 'Resync');
  await page.waitForURL(/#\/jobs\//);
  await page.getByText('incremental synchronization was queued first').waitFor();
  const ahead = page.getByRole('list', { name: 'Jobs before it' });
  await inEveryLook(opened, 'job-waiting');
  await page.getByRole('button', { name: /^Show all/ }).click();
  await ahead.getByRole('link', { name: /^Incremental synchronization/ }).waitFor();

  // Meanwhile somebody else starts what the other page was about to.
  const { number } = await startResync(slow[0]);
  await other.page.getByRole('button', { name: 'Resync…' }).click();
  await confirm(other.page, 'Resync');
  const notice = other.page.getByRole('alert').filter({ hasText: 'on its way already' });
  await notice.getByRole('link', { name: 'Go to that resync' }).click();
  await other.page.getByRole('heading', { name: `Resync into the structure #${number}` }).waitFor();

  await other.goTo('/jobs');
  const now = other.page.getByRole('table', { name: 'Waiting and running' });
  await now.getByText('incremental synchronization was queued first').first().waitFor();
  await now.getByRole('progressbar').first().waitFor();
  await inEveryLook(other, 'jobs-busy');
  await other.close();

  await page.getByRole('button', { name: 'Cancel job' }).click();
  await stage(page, 'Cancelled').waitFor();
  await page.getByText('never began').waitFor();
  await opened.check();
  assert.equal((await readJob(server, jobIdOf(page))).state, 'CANCELLED');
  await close();
});

test('a dry run that waits says for what', async () => {
  const opened = await openPage(browser, server.address);
  const { page, goTo, close } = opened;
  await keepBusy();
  await goTo(`/synchronizers/${await install('key = GEN-2')}/resync`);
  await page.getByText('The dry run waits').waitFor();
  await page.getByRole('list', { name: 'Jobs before it' }).getByRole('link').first().waitFor();
  await page.getByText('The dry run has not ended yet.').waitFor();
  await inEveryLook(opened, 'resync-waiting');
  await cancelAll();
  await page.getByText('The dry run was cancelled').waitFor();
  await page.getByRole('button', { name: 'Dry run again' }).click();
  await waitForDryRuns(page, 1);
  await close();
});

test('a page that is loaded again in the middle of a job goes on, and cancels it', async () => {
  const job = await startResync(slow[0]);
  const opened = await openPage(browser, server.address);
  const { page, goTo, check, close } = opened;
  await goTo(`/jobs/${job.id}`);
  await page.getByRole('progressbar').waitFor();
  await page.reload();
  await page.getByRole('progressbar').waitFor();
  await page.getByRole('button', { name: 'Cancel job…' }).click();
  await page.getByRole('button', { name: 'Cancel the job' }).click();
  await stage(page, 'Cancelled').waitFor();
  await check();
  await takeWhole(opened, 'job-cancelled');
  assert.equal((await readJob(server, job.id)).state, 'CANCELLED');
  assert.equal(await rowCount(), 0);
  await close();
});

test('a job that the server is killed under is taken up again, and the page reaches its end', async () => {
  const job = await startResync(slow[0]);
  const opened = await openPage(browser, server.address);
  const { page, goTo, faults, close } = opened;
  await goTo(`/jobs/${job.id}`);
  await page.getByRole('progressbar').waitFor();
  await server.kill();
  await page.getByText('Not connected').waitFor();
  await opened.picture('job-disconnected');
  await server.startAgain();
  await stage(page, 'Succeeded').waitFor();
  await page.getByText('Not connected').waitFor({ state: 'detached' });
  await page
    .getByRole('log')
    .getByText('The server stopped while the job ran: nothing was changed, and it begins again.')
    .waitFor();
  await page.getByRole('list', { name: 'Changes' }).getByText('GEN-1 is added').first().waitFor();
  assert.equal(await rowCount(), ISSUES);
  await page.getByText(`50 of ${ISSUES.toLocaleString('en')}`).waitFor();
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByText(`100 of ${ISSUES.toLocaleString('en')}`).waitFor();
  // The browser itself reports that the server was away: that is wanted.
  faults.splice(0, faults.length, ...faults.filter((it) => !it.includes('ERR_CONNECTION')));
  await opened.check();
  await takeWhole(opened, 'job-large');
  await close();
});
