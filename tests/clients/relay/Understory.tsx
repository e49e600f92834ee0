// A structure page by page, and a dry run of a resync watched to its end, with Relay.
// The regions are shown in the README.

// #region setup
import { createClient, type Sink } from 'graphql-ws';
import { Environment, Network, Observable } from 'relay-runtime';

export function connect(url: string, token: string): Environment {
  const socket = createClient({ url: url.replace(/^http/, 'ws'), connectionParams: { token } });
  return new Environment({
    network: Network.create(
      async ({ text }, variables) => {
        const response = await fetch(url, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ query: text, variables }),
        });
        return response.json();
      },
      ({ text }, variables) =>
        Observable.create((sink) =>
          socket.subscribe({ query: text ?? '', variables }, sink as Sink<unknown>),
        ),
    ),
  });
}
// #endregion

// #region query
import { graphql, useLazyLoadQuery, usePaginationFragment } from 'react-relay';
import type { UnderstoryRowsQuery } from './__generated__/UnderstoryRowsQuery.graphql';
import type { Understory_rows$key } from './__generated__/Understory_rows.graphql';

export function Rows({ structureId }: { structureId: string }) {
  const { structure } = useLazyLoadQuery<UnderstoryRowsQuery>(
    graphql`
      query UnderstoryRowsQuery($structureId: ID!) {
        structure(id: $structureId) { ...Understory_rows }
      }
    `,
    { structureId },
  );
  return structure ? <RowList structure={structure} /> : <p>There is no such structure.</p>;
}

function RowList({ structure }: { structure: Understory_rows$key }) {
  const { data, hasNext, loadNext, refetch } = usePaginationFragment(
    graphql`
      fragment Understory_rows on Structure
      @refetchable(queryName: "UnderstoryRowsPageQuery")
      @argumentDefinitions(
        count: { type: "Int", defaultValue: 20 }
        cursor: { type: "String" }
      ) {
        rows(first: $count, after: $cursor) @connection(key: "Understory_rows") {
          edges {
            node {
              id
              depth
              item { __typename ... on Issue { key summary } ... on Folder { name } }
            }
          }
        }
      }
    `,
    structure,
  );
  // A cursor goes with its row: whoever removes that meanwhile makes us read from the start.
  const onComplete = (error: Error | null) => {
    if (error) refetch({}, { fetchPolicy: 'network-only' });
  };
  return (
    <>
      <ol>
        {data.rows.edges.map(({ node: { id, depth, item } }) => (
          <li key={id} style={{ marginInlineStart: `${depth}em` }}>
            {item.__typename === 'Issue' && `${item.key} ${item.summary}`}
            {item.__typename === 'Folder' && item.name}
          </li>
        ))}
      </ol>
      {hasNext && <button onClick={() => loadNext(20, { onComplete })}>More</button>}
    </>
  );
}
// #endregion

// #region mutation
import { useState } from 'react';
import { useMutation } from 'react-relay';
import type {
  UnderstoryDryRunMutation,
  UnderstoryDryRunMutation$data,
  UnderstoryDryRunMutation$variables,
} from './__generated__/UnderstoryDryRunMutation.graphql';

export function DryRun(variables: UnderstoryDryRunMutation$variables) {
  const [answer, setAnswer] = useState<UnderstoryDryRunMutation$data['startResync']>();
  const [failure, setFailure] = useState<Error>();
  const [start, inFlight] = useMutation<UnderstoryDryRunMutation>(graphql`
    mutation UnderstoryDryRunMutation($synchronizerId: ID!, $direction: Direction!) {
      startResync(input: { synchronizerId: $synchronizerId, direction: $direction, dryRun: true }) {
        job { id ...Understory_job }
        userErrors { code message }
      }
    }
  `);
  const run = () =>
    start({
      variables,
      onCompleted: ({ startResync }) => setAnswer(startResync),
      onError: setFailure,
    });
  return (
    <>
      <button disabled={inFlight} onClick={run}>Dry run</button>
      {failure && <p role="alert">{failure.message}</p>}
      {answer?.userErrors.map(({ code, message }) => <p key={code} role="alert">{message}</p>)}
      {answer?.job && <JobStatus key={answer.job.id} job={answer.job} />}
    </>
  );
}
// #endregion

// #region subscription
import { useMemo } from 'react';
import { useFragment, useSubscription } from 'react-relay';
import type { Understory_job$key } from './__generated__/Understory_job.graphql';
import type { UnderstoryJobSubscription } from './__generated__/UnderstoryJobSubscription.graphql';

export function JobStatus({ job }: { job: Understory_job$key }) {
  const { id, state, progress, counts } = useFragment(
    graphql`
      fragment Understory_job on Job {
        id
        state
        progress { phase done total }
        counts { rowsAdded rowsMoved rowsRemoved }
      }
    `,
    job,
  );
  const request = useMemo(
    () => ({
      subscription: graphql`
        subscription UnderstoryJobSubscription($id: ID!) {
          jobStatus(id: $id) { ...Understory_job }
        }
      `,
      variables: { id },
    }),
    [id],
  );
  useSubscription<UnderstoryJobSubscription>(request);
  return (
    <p role="status">
      {state}, {progress.phase} {progress.done}/{progress.total ?? '?'}: {counts.rowsAdded} rows
      added, {counts.rowsMoved} moved, {counts.rowsRemoved} removed
    </p>
  );
}
// #endregion

import { Suspense } from 'react';
import { RelayEnvironmentProvider } from 'react-relay';

interface AppProps extends UnderstoryDryRunMutation$variables {
  client: Environment;
  structureId: string;
}

export function App({ client, structureId, synchronizerId, direction }: AppProps) {
  return (
    <RelayEnvironmentProvider environment={client}>
      <Suspense fallback={<p>Loading…</p>}>
        <Rows structureId={structureId} />
      </Suspense>
      <DryRun synchronizerId={synchronizerId} direction={direction} />
    </RelayEnvironmentProvider>
  );
}
