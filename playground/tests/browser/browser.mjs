// One browser for a file of tests, and pages in it that tell what must not happen on them.
//
// CHROMIUM names the browser (default /usr/bin/chromium), SCREENSHOTS the folder for pictures. With
// UPDATE_PICTURES, those that the README shows are written to `pictures/` as well.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const TIMEOUT = 30_000;
const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
);
const pictures = process.env.SCREENSHOTS ?? mkdtempSync(join(tmpdir(), 'playground-'));
mkdirSync(pictures, { recursive: true });

/** What the README shows. */
const SHOWN = ['way-structure', 'way-resync', 'way-job', 'explorer-dark'];
const shownIn = join(import.meta.dirname, '../../pictures');

/** The two widths and the two themes in which every page is looked at. */
export const LOOKS = [
  { name: 'light', viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  { name: 'dark', viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  { name: 'light-narrow', viewport: { width: 360, height: 740 }, colorScheme: 'light' },
  { name: 'dark-narrow', viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
];

/** Starts the browser; `close` ends it. */
export async function launch() {
  return chromium.launch({
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
}

/**
 * A page at an address. `faults` collects requests to other places, errors of scripts, errors on the
 * console and whatever the page's content security policy forbids; `check` fails if there are any, or if axe finds something serious.
 */
export async function openPage(browser, address, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  await context.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`forbidden by ${event.effectiveDirective}: ${event.blockedURI}`),
    ),
  );
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT);
  const faults = [];
  const { origin, host } = new URL(address);
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
  return {
    page,
    faults,
    /** Goes to an address inside the page, as a link would. */
    async goTo(route) {
      await page.evaluate((to) => (location.hash = to), route);
    },
    /** Takes a picture under a name. */
    async picture(name) {
      const path = join(pictures, `${name}.png`);
      await page.screenshot({ path });
      if (process.env.UPDATE_PICTURES && SHOWN.includes(name)) {
        copyFileSync(path, join(shownIn, `${name}.png`));
      }
    },
    /**
     * Fails on faults, on what axe finds serious outside the elements that `except` selects, and
     * on a page that is too wide.
     */
    async check({ except = [] } = {}) {
      assert.deepEqual(faults, []);
      assert.deepEqual(await findViolations(page, except), []);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.ok(overflow <= 0, `the page is ${overflow} pixels too wide`);
    },
    close: () => context.close(),
  };
}

async function findViolations(page, except) {
  // The policy of the page refuses injected elements; an evaluated script is not one.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(
    // What is read out passes through an element that stays for seconds after its words have gone.
    (exclude) =>
      globalThis.axe.run(
        { exclude: [['[data-live-announcer]'], ...exclude.map((selector) => [selector])] },
        { resultTypes: ['violations'] },
      ),
    except,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}
