// Watches what could make a dry run out of date while the page is open.

import { useEffect, useState } from 'react';
import { useQuery, useSubscription } from 'urql';
import { countEdits } from '../../words/changes';
import { EditsDocument, LastJobsDocument, type EditsSubscription } from './resync.generated';
import { staleness, type Stale } from './staleness';

/** Why a dry run that began to look at an instant may be out of date. */
export function useStaleness(structureId: string, lookedAt: string | null): Stale | null {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 15_000);
    return () => clearInterval(timer);
  }, []);
  const [{ data }] = useQuery({
    query: LastJobsDocument,
    variables: { structureId },
    requestPolicy: 'cache-and-network',
  });
  const [{ data: editedAt }] = useSubscription(
    { query: EditsDocument, variables: { id: structureId } },
    (_last: string | undefined, { structureChanges }: EditsSubscription) => structureChanges.at,
  );
  if (lookedAt === null) return null;
  const jobs = (data?.jobs.nodes ?? []).map(({ dryRun, finishedAt, counts }) => ({
    dryRun,
    finishedAt,
    edits: countEdits(counts),
  }));
  return staleness(lookedAt, now, editedAt ?? null, jobs);
}
