// Every job as it changes, for all pages: the feed keeps the cache up to date, and the shell
// counts what has not ended.

import { useEffect, useState } from 'react';
import { useSubscription } from 'urql';
import type { JobState } from '../gql/schema';
import { useLink, useSession } from './session-context';
import { JobsFeedDocument, type JobsFeedSubscription } from './jobs-feed.generated';

const ENDED: readonly JobState[] = ['SUCCEEDED', 'PARTIALLY_SUCCEEDED', 'FAILED', 'CANCELLED'];

/** Whether a job in this state will not change any more. */
export function isEnded(state: JobState): boolean {
  return ENDED.includes(state);
}

/** Tells of each snapshot whether its job is new or has ended: then lists of jobs change. */
export function watchTurns(): (job: { id: string; state: JobState }) => boolean {
  const active = new Set<string>();
  return ({ id, state }) => {
    if (isEnded(state)) {
      active.delete(id);
      return true;
    }
    if (active.has(id)) return false;
    active.add(id);
    return true;
  };
}

/** Follows the feed; the result is how many jobs have not ended. */
export function useJobsFeed(): number {
  const [active, setActive] = useState<ReadonlySet<string>>(new Set());
  const link = useLink();
  const { server } = useSession();
  // After a break the feed begins anew with those that have not ended.
  useEffect(() => {
    if (link === 'broken') setActive(new Set());
  }, [link]);
  useSubscription(
    { query: JobsFeedDocument, pause: !server.synchronizersEnabled },
    (_last: JobsFeedSubscription | undefined, data: JobsFeedSubscription) => {
      const { id, state } = data.jobs;
      setActive((before) => {
        if (before.has(id) === !isEnded(state)) return before;
        const after = new Set(before);
        if (isEnded(state)) after.delete(id);
        else after.add(id);
        return after;
      });
      return data;
    },
  );
  return active.size;
}
