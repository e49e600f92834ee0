// One job as it goes. The answer of the query fills the page at once; from then on every snapshot
// of the subscription goes into the cache, from which the page reads. A connection that broke
// begins again with the state as it is, so nothing has to be caught up with.

import { useQuery, useSubscription, type CombinedError } from 'urql';
import { isEnded } from '../app/jobs-feed';
import { errorCode } from '../ui/state';
import {
  JobDocument,
  JobStatusDocument,
  type JobDetailsFragment,
  type JobQuery,
} from './job.generated';

/** What is known of a job. */
export interface Followed {
  job: JobDetailsFragment | undefined;
  /** It does not exist, or not for the viewer. */
  missing: boolean;
  error: CombinedError | undefined;
  retry: () => void;
}

/** Follows a job until it has ended; with null, nothing. */
export function useJob(id: string | null): Followed {
  const [{ data, error }, ask] = useQuery({
    query: JobDocument,
    variables: { id: id ?? '' },
    pause: id === null,
    requestPolicy: 'cache-and-network',
  });
  const job = ofId(data, id);
  useSubscription({
    query: JobStatusDocument,
    variables: { id: id ?? '' },
    pause: id === null || (job !== undefined && isEnded(job.state)),
  });
  const unknown = ['BAD_ID', 'NOT_FOUND'].includes(errorCode(error) ?? '');
  return {
    job,
    missing: data?.job === null || unknown,
    error,
    retry: () => ask({ requestPolicy: 'network-only' }),
  };
}

/** Another job's answer stands in the hook for a moment after the id has changed. */
function ofId(data: JobQuery | undefined, id: string | null) {
  return data?.job?.id === id ? (data?.job ?? undefined) : undefined;
}
