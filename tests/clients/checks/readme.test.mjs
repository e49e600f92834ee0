// What the documentation shows is what works: its code is that of the examples, and its commands run
// as they stand.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { demoFor, untilTold } from './server.mjs';

const checkout = join(import.meta.dirname, '../../..');
const read = (path) => readFileSync(join(checkout, path), 'utf8');

/** The fenced blocks of a page in one language, each with the line before it. */
const blocks = (page, language) =>
  [...read(page).matchAll(new RegExp(`(.*)\\n\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(
    ([, before, text]) => ({ before, text }),
  );

describe('the code for front ends', () => {
  for (const name of ['apollo', 'urql', 'relay']) {
    test(name, () => {
      const path = `tests/clients/${name}/Understory.tsx`;
      const regions = Object.fromEntries(
        [...read(path).matchAll(/^\/\/ #region (\w+)\n([^]*?)^\/\/ #endregion$/gm)].map(
          ([, region, text]) => [`<!-- ${path}#${region} -->`, text],
        ),
      );
      const shown = blocks('README.md', 'tsx').filter(({ before }) => before.includes(path));
      const wanted = ['setup', 'query', 'subscription'].map((region) => `<!-- ${path}#${region} -->`);
      assert.deepEqual(shown.map(({ before }) => before), wanted);
      for (const { before, text } of shown) assert.equal(text, regions[before]);
    });
  }

  test('is of no other file', () => {
    assert.equal(blocks('README.md', 'tsx').length, 9);
  });
});

// `cargo run --release -- …` is the binary that is tested.
const PRELUDE = `
set -eu -o pipefail
cargo() { shift 3; "$UNDERSTORY_BIN" "$@"; }
`;
// Node 20 has a WebSocket, but behind a flag, as the README says.
const NODE_OPTIONS = 'WebSocket' in globalThis ? '' : '--experimental-websocket';

/** Runs a block of a page in front of a server; every question is answered with yes. */
function run(page, text, { origin, token }) {
  const child = spawn('bash', ['-c', PRELUDE + text], {
    cwd: join(checkout, dirname(page)),
    env: { ...process.env, NODE_OPTIONS, URL: origin, TOKEN: token },
    // In a group of its own, which ends as a whole.
    detached: true,
  });
  const command = { text, output: '', errors: '' };
  child.stdout.on('data', (chunk) => (command.output += chunk));
  child.stderr.on('data', (chunk) => (command.errors += chunk));
  child.stdin.end('yes\n');
  command.end = () => child.exitCode === null && process.kill(-child.pid);
  command.closed = once(child, 'close').then(([code]) => code);
  return command;
}

const isStream = (text) => /curl -sSN|new WebSocket/.test(text);

describe('the commands', () => {
  for (const page of ['README.md', 'schema/operations/README.md']) {
    test(page, async (t) => {
      const server = await demoFor(t);
      const texts = blocks(page, 'sh')
        .map(({ text }) => text)
        .filter((text) => text.includes('$URL'));
      const streams = texts.filter(isStream).map((text) => run(page, text, server));
      try {
        for (const text of texts.filter((text) => !isStream(text))) {
          const command = run(page, text, server);
          assert.equal(await command.closed, 0, `${text}${command.output}${command.errors}`);
          if (text.includes('curl')) checkAnswer(text, JSON.parse(command.output));
        }
        for (const stream of streams) {
          const told = () => stream.output.includes('"data":{');
          await untilTold(server, told, () => `${stream.text}${stream.output}${stream.errors}`);
          assert.ok(!stream.output.includes('"errors":'), stream.output);
        }
      } finally {
        streams.forEach(({ end }) => end());
      }
    });
  }
});

// The README shows one request that is refused: one without a confirmation.
function checkAnswer(text, { data, errors }) {
  assert.equal(errors, undefined, text);
  const codes = Object.values(data).flatMap(({ userErrors = [] }) => userErrors.map(({ code }) => code));
  assert.deepEqual(codes, text.includes('"FROM_STRUCTURE"') ? ['CONFIRMATION_REQUIRED'] : [], text);
}
