// Lists of jobs that were asked for before a job began or ended, and come after that was told, lack
// it. The cache asks again for what it holds, but not for what is still on its way: such answers
// are asked for once more when they come.

import { makeOperation, mapExchange, stringifyDocument, type Exchange, type Operation } from 'urql';
import { watchTurns } from './jobs-feed';
import type { JobsFeedSubscription } from './jobs-feed.generated';

function listsJobs(operation: Operation): boolean {
  return operation.kind === 'query' && /\bjobs\(/.test(stringifyDocument(operation.query));
}

/** Stands between the cache and the network. */
export const overtakenExchange: Exchange = (input) => {
  const isTurn = watchTurns();
  /** What is on its way, and whether a job has begun or ended since it was asked for. */
  const asked = new Map<number, boolean>();
  return mapExchange({
    onOperation(operation) {
      if (operation.kind === 'teardown') asked.delete(operation.key);
      else if (listsJobs(operation)) asked.set(operation.key, false);
    },
    onResult({ operation, data }) {
      const job = (data as Partial<JobsFeedSubscription> | undefined)?.jobs;
      if (operation.kind === 'subscription') {
        if (job && isTurn(job)) asked.forEach((_overtaken, key) => asked.set(key, true));
        return;
      }
      const overtaken = asked.get(operation.key);
      asked.delete(operation.key);
      if (!overtaken) return;
      const context = { ...operation.context, requestPolicy: 'network-only' as const };
      const again = makeOperation('query', operation, context);
      // After the cache has taken this answer.
      queueMicrotask(() => input.client.reexecuteOperation(again));
    },
  })(input);
};
