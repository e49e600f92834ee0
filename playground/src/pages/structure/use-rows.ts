// The rows of the page: those of now, live, and those of an earlier version while one is looked at.

import { useEffect, useMemo } from 'react';
import { useSubscription } from 'urql';
import { isEnded } from '../../app/jobs-feed';
import { JobsFeedDocument, type JobsFeedSubscription } from '../../app/jobs-feed.generated';
import { useSession } from '../../app/session-context';
import { LiveRows } from './live-rows';
import { Rows } from './rows';

/** The rows of a structure as they are now. */
export function useLiveRows(id: string): LiveRows {
  const { connection, viewer, server } = useSession();
  const { synchronizersEnabled } = server;
  const rows = useMemo(
    () => new LiveRows(connection, id, viewer.id, synchronizersEnabled),
    [connection, id, viewer.id, synchronizersEnabled],
  );
  useRunning(rows);

  // Issues change without their rows: after a job that gave them statuses, and while nobody looked.
  useSubscription(
    { query: JobsFeedDocument, pause: !synchronizersEnabled },
    (_last: JobsFeedSubscription | undefined, data: JobsFeedSubscription) => {
      const { state, dryRun, counts } = data.jobs;
      if (isEnded(state) && !dryRun && counts.statusesChanged > 0) rows.doubtItems();
      return data;
    },
  );
  useEffect(() => {
    const look = () => document.visibilityState === 'visible' && rows.doubtItems();
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [rows]);
  return rows;
}

/** The rows as they were at a version; null for now. */
export function usePastRows(id: string, version: number | null): Rows | null {
  const { connection } = useSession();
  const rows = useMemo(
    () => (version === null ? null : new Rows(connection.direct, id, version)),
    [connection, id, version],
  );
  useRunning(rows);
  return rows;
}

function useRunning(rows: Rows | null): void {
  useEffect(() => {
    rows?.start();
    return () => rows?.stop();
  }, [rows]);
}
