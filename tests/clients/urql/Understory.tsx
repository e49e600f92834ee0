// A structure page by page, and a dry run of a resync watched to its end, with urql.
// The regions are shown in the README.

// #region setup
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { createClient } from 'graphql-ws';
import { Client, fetchExchange, subscriptionExchange } from 'urql';
import schema from './gql/schema.json';

export function connect(url: string, token: string): Client {
  const socket = createClient({ url: url.replace(/^http/, 'ws'), connectionParams: { token } });
  // What has no id is part of what it stands in.
  const embedded = () => null;
  return new Client({
    url,
    fetchOptions: { headers: { authorization: `Bearer ${token}` } },
    exchanges: [
      cacheExchange({
        schema,
        keys: { Folder: embedded, JobProgress: embedded, ChangeCounts: embedded },
        resolvers: { Structure: { rows: relayPagination() } },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
}
// #endregion

// #region query
import { useState } from 'react';
import { useQuery } from 'urql';
import { graphql } from './gql';

const RowsQuery = graphql(`
  query Rows($structureId: ID!, $after: String) {
    structure(id: $structureId) {
      id
      rows(first: 20, after: $after) {
        edges {
          node {
            id
            depth
            item { __typename ... on Issue { id key summary } ... on Folder { name } }
          }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export function Rows({ structureId }: { structureId: string }) {
  const [after, setAfter] = useState<string | null>();
  const [{ data, error }] = useQuery({ query: RowsQuery, variables: { structureId, after } });
  if (error) return <p role="alert">{error.message}</p>;
  if (!data) return <p>Loading…</p>;
  if (!data.structure) return <p>There is no such structure.</p>;
  const { edges, pageInfo } = data.structure.rows;
  return (
    <>
      <ol>
        {edges.map(({ node: { id, depth, item } }) => (
          <li key={id} style={{ marginInlineStart: `${depth}em` }}>
            {item.__typename === 'Issue' ? `${item.key} ${item.summary}` : item.name}
          </li>
        ))}
      </ol>
      {pageInfo.hasNextPage && <button onClick={() => setAfter(pageInfo.endCursor)}>More</button>}
    </>
  );
}
// #endregion

// #region mutation
import { useMutation } from 'urql';

const DryRunMutation = graphql(`
  mutation DryRun($synchronizerId: ID!, $direction: Direction!) {
    startResync(input: { synchronizerId: $synchronizerId, direction: $direction, dryRun: true }) {
      job { id }
      userErrors { code message }
    }
  }
`);

export function DryRun(variables: { synchronizerId: string; direction: Direction }) {
  const [{ data, error, fetching }, start] = useMutation(DryRunMutation);
  const { job, userErrors } = data?.startResync ?? {};
  return (
    <>
      <button disabled={fetching} onClick={() => start(variables)}>Dry run</button>
      {error && <p role="alert">{error.message}</p>}
      {userErrors?.map(({ code, message }) => <p key={code} role="alert">{message}</p>)}
      {job && <JobStatus key={job.id} id={job.id} />}
    </>
  );
}
// #endregion

// #region subscription
import { useSubscription } from 'urql';

const JobStatusSubscription = graphql(`
  subscription JobStatus($id: ID!) {
    jobStatus(id: $id) {
      id
      state
      progress { phase done total }
      counts { rowsAdded rowsMoved rowsRemoved }
    }
  }
`);

export function JobStatus({ id }: { id: string }) {
  const [{ data, error }] = useSubscription({ query: JobStatusSubscription, variables: { id } });
  if (error) return <p role="alert">{error.message}</p>;
  if (!data) return <p>Connecting…</p>;
  const { state, progress, counts } = data.jobStatus;
  return (
    <p role="status">
      {state}, {progress.phase} {progress.done}/{progress.total ?? '?'}: {counts.rowsAdded} rows
      added, {counts.rowsMoved} moved, {counts.rowsRemoved} removed
    </p>
  );
}
// #endregion

import { Provider } from 'urql';
import type { Direction } from './gql/graphql';

interface AppProps {
  client: Client;
  structureId: string;
  synchronizerId: string;
  direction: Direction;
}

export function App({ client, structureId, synchronizerId, direction }: AppProps) {
  return (
    <Provider value={client}>
      <Rows structureId={structureId} />
      <DryRun synchronizerId={synchronizerId} direction={direction} />
    </Provider>
  );
}
