// Answers that the feed of jobs has overtaken. Lists of jobs that were asked for before a job began
// or ended, and come after that was told, lack it: the cache asks again for what it holds, but not
// for what is still on its way. And what happened while the live connection was broken was told to
// nobody: what is on show then is asked for again.

import { makeOperation, mapExchange, stringifyDocument, type Exchange, type Operation } from 'urql';
import { watchTurns } from './jobs-feed';
import type { JobsFeedSubscription } from './jobs-feed.generated';

function listsJobs(operation: Operation): boolean {
  return /\bjobs\(/.test(stringifyDocument(operation.query));
}

/**
 * Stands between the cache and the network; `onReturn` is called back when the live connection
 * has come back.
 */
export const overtakenExchange =
  (onReturn: (listener: () => void) => void): Exchange =>
  (input) => {
    const isTurn = watchTurns();
    /** The queries on show, by key. */
    const shown = new Map<number, Operation>();
    /** What is on its way, and whether a job has begun or ended since it was asked for. */
    const asked = new Map<number, boolean>();
    const askAgain = (operation: Operation) => {
      const context = { ...operation.context, requestPolicy: 'network-only' as const };
      input.client.reexecuteOperation(makeOperation('query', operation, context));
    };
    onReturn(() => shown.forEach(askAgain));
    return mapExchange({
      onOperation(operation) {
        if (operation.kind === 'teardown') {
          asked.delete(operation.key);
          shown.delete(operation.key);
        } else if (operation.kind === 'query') {
          shown.set(operation.key, operation);
          if (listsJobs(operation)) asked.set(operation.key, false);
        }
      },
      onResult({ operation, data }) {
        const job = (data as Partial<JobsFeedSubscription> | undefined)?.jobs;
        if (operation.kind === 'subscription') {
          if (job && isTurn(job)) asked.forEach((_overtaken, key) => asked.set(key, true));
          return;
        }
        const overtaken = asked.get(operation.key);
        asked.delete(operation.key);
        // After the cache has taken this answer.
        if (overtaken) queueMicrotask(() => askAgain(operation));
      },
    })(input);
  };
