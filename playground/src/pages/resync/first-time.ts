// Whether a synchronizer has never brought both sides together: what a resync overwrites then is no
// edit since the last synchronization, for there was none.

import type { Synchronizer } from './resync-page';

/** Where its jobs are too many to know, it counts as synchronized: those words are the graver. */
export function isFirstTime({ jobs }: Pick<Synchronizer, 'jobs'>): boolean {
  return (
    !jobs.pageInfo.hasNextPage &&
    !jobs.nodes.some(
      ({ kind, state, dryRun }) =>
        !dryRun &&
        (kind === 'RESYNC' || kind === 'INCREMENTAL') &&
        (state === 'SUCCEEDED' || state === 'PARTIALLY_SUCCEEDED'),
    )
  );
}
