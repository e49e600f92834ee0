// Starts servers on free ports for the browser tests, and ends those processes only.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const START_TIMEOUT = 60_000;
/** What still runs: a test that fails leaves its server to `stopAll`. */
const running = new Set();

/** Ends every server that a test left; for `after`. */
export async function stopAll() {
  await Promise.all([...running].map((stop) => stop()));
}

function binary() {
  const path = process.env.UNDERSTORY_BIN;
  if (!path) throw new Error('UNDERSTORY_BIN must name the built understory binary.');
  return path;
}

/** A running demo: its address with the token, the parts of it, and how to stop it. */
export async function startDemo() {
  const demo = await start(['demo', '--listen', '127.0.0.1:0'], /http:\S+\/#token=[^\s"']+/);
  const { origin, hash } = new URL(demo.line);
  const token = decodeURIComponent(hash.slice('#token='.length));
  return { address: demo.line, ...reach(origin, token), stop: demo.stop };
}

/**
 * A server on a database of its own, with the given files imported. It can be stopped, killed and
 * started again at the same port, which pages that are open find again.
 */
export async function startServer({ files = [], enable = ['synchronizers'] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'understory-'));
  const database = ['--database', join(folder, 'test.db')];
  const run = (...args) => execFileSync(binary(), [...args, ...database], { encoding: 'utf8' });
  const token = run('token', 'create', '--user', 'ada', '--role', 'admin').trim();
  if (files.length > 0) run('import', ...files);
  const flags = enable.length > 0 ? ['--enable', enable.join(',')] : [];
  const open = (port) =>
    start(['serve', ...database, ...flags, '--listen', `127.0.0.1:${port}`], /http:\S+/);
  let server = await open(0);
  const { origin, port } = new URL(server.line);
  return {
    address: `${origin}/#token=${token}`,
    ...reach(origin, token),
    /** Another user's token. */
    createToken: (user, role) => run('token', 'create', '--user', user, '--role', role).trim(),
    kill: () => server.kill(),
    /** Stops it as an operator would; its database stays. */
    stopForNow: () => server.stop(),
    async startAgain() {
      server = await open(port);
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** How tests prepare and check what pages show: the API itself. */
function reach(origin, token) {
  return {
    origin,
    token,
    async request(query, variables = {}) {
      const response = await fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = await response.json();
      if (errors) throw new Error(JSON.stringify(errors));
      return data;
    },
  };
}

/** Starts a process and waits until its output matches. */
async function start(args, pattern) {
  const child = spawn(binary(), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const end = async (signal) => {
    running.delete(stop);
    child.kill(signal);
    await exited;
  };
  const stop = () => end('SIGTERM');
  running.add(stop);
  try {
    const line = await findLine(child, exited, pattern);
    return { line, stop, kill: () => end('SIGKILL') };
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
}

async function findLine(child, exited, pattern) {
  const found = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = pattern.exec(line);
      if (match) resolve(match[0]);
    });
  });
  const ended = exited.then(([code]) => {
    throw new Error(`the server ended with ${code} before it printed its address`);
  });
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(reject, START_TIMEOUT, new Error('the server printed no address'));
  });
  return Promise.race([found, ended, late]).finally(() => clearTimeout(timer));
}
