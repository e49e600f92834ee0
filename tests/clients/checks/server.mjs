// A demo of its own for whoever asks, and plain requests to it: what the examples show is compared
// with what these answer.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

const POLL = 20;
const PATIENCE = 20_000;
// The demo always gives the first structure of its list and the synchronizer on it these ids.
const HAPPENING = `mutation {
  addRows(
    input: { structureId: "U3RydWN0dXJlOjI", rows: [{ folder: "New" }], position: {} }
  ) { userErrors { code } }
  startResync(
    input: { synchronizerId: "U3luY2hyb25pemVyOjM", direction: INTO_STRUCTURE, dryRun: true }
  ) { job { id } }
}`;

/** Starts a demo on a free port and, at the end of a test, ends that process. */
export async function demoFor(test) {
  const binary = process.env.UNDERSTORY_BIN;
  assert.ok(binary, 'UNDERSTORY_BIN must name the built understory binary');
  const child = spawn(binary, ['demo', '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, RUST_LOG: 'warn' },
  });
  const exited = once(child, 'exit');
  test.after(() => {
    child.kill('SIGTERM');
    return exited;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const [, origin, token] = /(http:\S+)\/#token=(\S+)/.exec(line) ?? [];
    if (token) return { origin, url: `${origin}/graphql`, token };
  }
  assert.fail('the demo printed no address with a token');
}

/** The whole answer to an operation, errors and all. */
export async function execute({ url, token }, query, variables) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}

/** The data of an operation that has to go well. */
export async function ask(server, query, variables) {
  const { data, errors } = await execute(server, query, variables);
  assert.equal(errors, undefined);
  return data;
}

/** A client for subscriptions; what it is asked ends with the test. */
export function subscriberFor(test, { url, token }) {
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { token },
    retryAttempts: 0,
  });
  test.after(() => client.dispose());
  return client;
}

/** Looks until there is something to see, and returns that. */
export async function until(look, what) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; ) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  assert.fail(`waited in vain for ${what()}`);
}

/** Lets something happen to a structure and its jobs until there is something to see of it. */
export function untilTold(server, look, what) {
  return until(async () => (await ask(server, HAPPENING)) && look(), what);
}
