// A structure page by page, and a dry run of a resync watched to its end, with Apollo Client.
// The regions are shown in the README.

// #region setup
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';

export function connect(url: string, token: string): ApolloClient {
  const http = new HttpLink({ uri: url, headers: { authorization: `Bearer ${token}` } });
  const socket = createClient({ url: url.replace(/^http/, 'ws'), connectionParams: { token } });
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      http,
    ),
    cache: new InMemoryCache({
      typePolicies: {
        Structure: { fields: { rows: relayStylePagination(['under', 'maxDepth', 'atVersion']) } },
      },
    }),
  });
}
// #endregion

// #region query
import { useQuery } from '@apollo/client/react';
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
  const { data, error, fetchMore, refetch } = useQuery(RowsQuery, { variables: { structureId } });
  if (error) return <p role="alert">{error.message}</p>;
  if (!data) return <p>Loading…</p>;
  if (!data.structure) return <p>There is no such structure.</p>;
  const { edges, pageInfo } = data.structure.rows;
  // A cursor goes with its row: whoever removes that meanwhile makes us read from the start.
  const more = () => fetchMore({ variables: { after: pageInfo.endCursor } }).catch(() => refetch());
  return (
    <>
      <ol>
        {edges.map(({ node: { id, depth, item } }) => (
          <li key={id} style={{ marginInlineStart: `${depth}em` }}>
            {item.__typename === 'Issue' ? `${item.key} ${item.summary}` : item.name}
          </li>
        ))}
      </ol>
      {pageInfo.hasNextPage && <button onClick={more}>More</button>}
    </>
  );
}
// #endregion

// #region mutation
import { useMutation } from '@apollo/client/react';

const DryRunMutation = graphql(`
  mutation DryRun($synchronizerId: ID!, $direction: Direction!) {
    startResync(input: { synchronizerId: $synchronizerId, direction: $direction, dryRun: true }) {
      job { id }
      userErrors { code message }
    }
  }
`);

export function DryRun(variables: { synchronizerId: string; direction: Direction }) {
  const [start, { data, error, loading }] = useMutation(DryRunMutation, { variables });
  const { job, userErrors } = data?.startResync ?? {};
  return (
    <>
      <button disabled={loading} onClick={() => start()}>Dry run</button>
      {error && <p role="alert">{error.message}</p>}
      {userErrors?.map(({ code, message }) => <p key={code} role="alert">{message}</p>)}
      {job && <JobStatus key={job.id} id={job.id} />}
    </>
  );
}
// #endregion

// #region subscription
import { useSubscription } from '@apollo/client/react';

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
  const { data, error } = useSubscription(JobStatusSubscription, { variables: { id } });
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

import { ApolloProvider } from '@apollo/client/react';
import type { Direction } from './gql/graphql';

interface AppProps {
  client: ApolloClient;
  structureId: string;
  synchronizerId: string;
  direction: Direction;
}

export function App({ client, structureId, synchronizerId, direction }: AppProps) {
  return (
    <ApolloProvider client={client}>
      <Rows structureId={structureId} />
      <DryRun synchronizerId={synchronizerId} direction={direction} />
    </ApolloProvider>
  );
}
