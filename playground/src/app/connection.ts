// How the pages talk to the server: queries and mutations over HTTP, subscriptions over one
// WebSocket that opens with the first of them and comes back by itself. Both carry the token.

import { createClient as createSocket, type Client as Socket } from 'graphql-ws';
import { Client, fetchExchange, subscriptionExchange } from 'urql';
import { createCache } from './cache';
import { subscribeAgain } from './subscribe-again';
import { newestExchange } from './newest';
import { overtakenExchange } from './overtaken';

/** Whether the live connection stands. */
export type Link =
  /** No subscription has asked for it yet, or none does any more. */
  | 'idle'
  /** It stands. */
  | 'live'
  /** It broke, and is being tried again. */
  | 'broken';

/** One signed-in connection to the server. */
export interface Connection {
  /** For the console: a client with a normalised cache. */
  readonly client: Client;
  /** Queries past the cache, for what is too much to be held there. */
  readonly direct: Client;
  /** The live connection, for what does not go through the client. */
  readonly socket: Socket;
  /** `fetch` with the token. */
  readonly send: typeof fetch;
  /** One query past the cache: its data or an error. */
  request<Data>(query: string): Promise<Data>;
  /** Whether the live connection stands. */
  link(): Link;
  /** Calls back after each change of `link`; returns how to stop that. */
  onLink(listener: () => void): () => void;
  /** Ends the subscriptions. */
  close(): void;
}

/** The server refused the token. */
export class Refused extends Error {}

/** Where the API is. Relative: a proxy may serve everything below some path. */
export const endpoint = new URL('graphql', document.baseURI);
endpoint.hash = '';

/** WebSocket close codes of graphql-transport-ws for a missing and for a wrong token. */
const REFUSED_CODES = [4401, 4403];
const LONGEST_PAUSE = 5_000;

/** Connects with a token; `onRefused` is called when the server stops accepting it. */
export function connect(token: string, onRefused: () => void): Connection {
  const send: typeof fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    // A header typed into GraphiQL's editor wins, and its failure says nothing about our token.
    const ours = !headers.has('authorization');
    if (ours) headers.set('authorization', `Bearer ${token}`);
    const response = await fetch(input, { ...init, headers });
    if (response.status === 401 && ours) onRefused();
    return response;
  };
  const link = trackLink();
  const socket = openSocket(token, onRefused, link.set);
  const server = { url: endpoint.href, fetch: send, preferGetMethod: false as const };
  const client = new Client({
    ...server,
    exchanges: [
      createCache(),
      newestExchange(),
      overtakenExchange(link.onReturn),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: subscribeAgain(socket, { query: query ?? '', variables }, sink),
          }),
        }),
      }),
    ],
  });
  return {
    client,
    direct: new Client({ ...server, exchanges: [fetchExchange] }),
    socket,
    send,
    request: (query) => request(send, query),
    link: link.get,
    onLink: link.listen,
    close: () => void socket.dispose(),
  };
}

function openSocket(token: string, onRefused: () => void, set: (link: Link) => void): Socket {
  const url = new URL(endpoint);
  url.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';
  return createSocket({
    url: url.href,
    connectionParams: { token },
    keepAlive: 10_000,
    // Every subscription begins with the state as it is, so one that comes back is whole again.
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: (attempt) =>
      new Promise((resolve) =>
        setTimeout(
          resolve,
          Math.min(LONGEST_PAUSE, 250 * 2 ** attempt) * (0.75 + Math.random() / 2),
        ),
      ),
    on: {
      connected: () => set('live'),
      closed(event) {
        const { code, wasClean } = event as CloseEvent;
        if (REFUSED_CODES.includes(code)) return onRefused();
        set(wasClean && code === 1000 ? 'idle' : 'broken');
      },
    },
  });
}

function trackLink() {
  let current: Link = 'idle';
  const listeners = new Set<() => void>();
  const listen = (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return {
    get: () => current,
    set(link: Link) {
      if (link === current) return;
      current = link;
      listeners.forEach((listener) => listener());
    },
    listen,
    /** Calls back each time that the connection stands again after it broke. */
    onReturn(listener: () => void) {
      let before = current;
      listen(() => {
        if (before === 'broken' && current === 'live') listener();
        before = current;
      });
    },
  };
}

interface Answer<Data> {
  data?: Data | null;
  errors?: { message: string }[];
}

async function request<Data>(send: typeof fetch, query: string): Promise<Data> {
  const response = await send(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json;q=0.9',
    },
    body: JSON.stringify({ query }),
  });
  if (response.status === 401) throw new Refused('The server did not accept this token.');
  const { data, errors } = (await response.json()) as Answer<Data>;
  if (errors?.[0]) throw new Error(errors[0].message);
  if (!data) throw new Error(`The server answered with status ${response.status}.`);
  return data;
}
