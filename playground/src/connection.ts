// How the page talks to the server: queries and mutations over HTTP, subscriptions over a
// WebSocket that opens with the first of them. Both carry the token.

import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';
import { createContext, useContext } from 'react';

/** The user behind the token. */
export interface Viewer {
  name: string;
  role: string;
}

/** One signed-in connection to the server. */
export interface Connection {
  /** For GraphiQL: runs what the editor holds. */
  fetcher: Fetcher;
  /** For the page itself: one query, its data or an error. */
  request<Data>(query: string): Promise<Data>;
  /** Ends the subscriptions. */
  close(): void;
}

/** The server refused the token. */
export class Refused extends Error {}

const endpoint = new URL('graphql', document.baseURI);
endpoint.hash = '';

/** WebSocket close codes of graphql-transport-ws for a missing and for a wrong token. */
const REFUSED_CODES = [4401, 4403];

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

  const socketUrl = new URL(endpoint);
  socketUrl.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';
  const wsClient = createClient({
    url: socketUrl.href,
    connectionParams: { token },
    on: {
      closed(event) {
        if (REFUSED_CODES.includes((event as CloseEvent).code)) onRefused();
      },
    },
  });

  return {
    fetcher: createGraphiQLFetcher({
      url: endpoint.href,
      fetch: send,
      wsClient,
      enableIncrementalDelivery: false,
    }),
    async request<Data>(query: string) {
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
    },
    close: () => void wsClient.dispose(),
  };
}

interface Answer<Data> {
  data?: Data | null;
  errors?: { message: string }[];
}

/** Asks who the token belongs to. */
export async function fetchViewer(connection: Connection): Promise<Viewer> {
  const { viewer } = await connection.request<{ viewer: Viewer }>('{ viewer { name role } }');
  return viewer;
}

/** The connection that the components below the explorer use. */
export const ConnectionContext = createContext<Connection | null>(null);

/** The connection of the explorer around this component. */
export function useConnection(): Connection {
  const connection = useContext(ConnectionContext);
  if (!connection) throw new Error('useConnection needs an explorer around it.');
  return connection;
}
