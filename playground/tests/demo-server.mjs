// Starts `understory demo` on a free port for the browser tests, and ends that process only.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const START_TIMEOUT = 60_000;

/** The running demo: its address with the token, the parts of it, and how to stop it. */
export async function startDemo() {
  const binary = process.env.UNDERSTORY_BIN;
  if (!binary) throw new Error('UNDERSTORY_BIN must name the built understory binary.');
  const child = spawn(binary, ['demo', '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const address = await findAddress(child, exited).catch((error) => {
    child.kill('SIGKILL');
    throw error;
  });
  const { origin, hash } = new URL(address);
  return {
    address,
    origin,
    token: decodeURIComponent(hash.slice('#token='.length)),
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function findAddress(child, exited) {
  const found = new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /http:\/\/127\.0\.0\.1:\d+\/#token=[^\s"']+/.exec(line);
      if (match) resolve(match[0]);
    });
  });
  const ended = exited.then(([code]) => {
    throw new Error(`the demo ended with ${code} before it printed its address`);
  });
  let timer;
  const late = new Promise((_resolve, reject) => {
    const error = new Error('the demo printed no address with a token');
    timer = setTimeout(reject, START_TIMEOUT, error);
  });
  return Promise.race([found, ended, late]).finally(() => clearTimeout(timer));
}
