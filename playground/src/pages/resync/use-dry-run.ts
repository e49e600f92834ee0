// A dry run of one direction: started when the page opens and on each wish to look again, then
// followed to its end.

import { useEffect, useState } from 'react';
import { useClient, type CombinedError } from 'urql';
import { isEnded } from '../../app/jobs-feed';
import type { Direction } from '../../gql/schema';
import { useJob, type Followed } from '../../jobs/use-job';
import type { UserError } from '../../ui/problems';
import { StartResyncDocument } from './resync.generated';

/** A look at a synchronizer: how often it was looked at, and how much it may remove. */
export interface Look {
  round: number;
  maxRemovalPercent: number;
}

/** What is known of a dry run. */
export interface DryRun extends Pick<Followed, 'job'> {
  /** Why it was not begun. */
  refusals: readonly UserError[];
  failure: CombinedError | undefined;
  /** It is still on its way. */
  busy: boolean;
  /** It shows what would happen, and that works. */
  usable: boolean;
}

interface Begun {
  jobId: string | null;
  refusals: readonly UserError[];
  failure: CombinedError | undefined;
}

const NOTHING: Begun = { jobId: null, refusals: [], failure: undefined };

/** Begins a dry run for each look, unless the direction is not there. */
export function useDryRun(
  synchronizerId: string,
  direction: Direction,
  isThere: boolean,
  { round, maxRemovalPercent }: Look,
): DryRun {
  const client = useClient();
  const [begun, setBegun] = useState(NOTHING);
  useEffect(() => {
    if (!isThere) return;
    let over = false;
    const input = { synchronizerId, direction, dryRun: true, maxRemovalPercent };
    void client
      .mutation(StartResyncDocument, { input })
      .toPromise()
      .then(({ data, error }) => {
        if (over) return;
        // One that is on its way already, of another visit to this page, shows the same.
        const { job, userErrors } = data?.startResync ?? { job: null, userErrors: [] };
        setBegun({ jobId: job?.id ?? null, refusals: job ? [] : userErrors, failure: error });
      });
    return () => {
      over = true;
      setBegun(NOTHING);
    };
  }, [client, synchronizerId, direction, isThere, maxRemovalPercent, round]);

  const { jobId, refusals, failure } = begun;
  const { job, error } = useJob(jobId);
  const refused = refusals.length > 0 || failure !== undefined;
  return {
    job,
    refusals,
    failure: failure ?? (job ? undefined : error),
    busy: isThere && !refused && !(job && isEnded(job.state)),
    usable: job?.state === 'SUCCEEDED' && job.error === null,
  };
}
