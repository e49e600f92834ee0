// Whether a dry run may no longer show what would happen. The server refuses a resync whose plan
// differs from the dry run that was looked at; this tells earlier.

/** Why a dry run may be out of date. */
export type Stale = 'edited' | 'job' | 'old';

/** Dry runs older than this are worth a second look. */
export const OLD_AFTER = 5 * 60_000;

interface Ended {
  dryRun: boolean;
  finishedAt: string | null;
  /** How much it changed. */
  edits: number;
}

/** The gravest reason, or null; `lookedAt` is when the dry run began to look. */
export function staleness(
  lookedAt: string,
  now: number,
  editedAt: string | null,
  jobs: readonly Ended[],
): Stale | null {
  const looked = new Date(lookedAt).getTime();
  const isLater = (at: string | null) => at !== null && new Date(at).getTime() > looked;
  if (jobs.some((job) => !job.dryRun && job.edits > 0 && isLater(job.finishedAt))) return 'job';
  if (isLater(editedAt)) return 'edited';
  return now - looked > OLD_AFTER ? 'old' : null;
}

/** The reason in words. */
export const STALE: Record<Stale, string> = {
  edited: 'The structure was edited since this dry run.',
  job: 'A job has changed something since this dry run.',
  old: 'This dry run is more than five minutes old.',
};
