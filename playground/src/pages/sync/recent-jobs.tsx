// The last jobs of a synchronizer, live.

import { Link } from 'wouter';
import { isEnded } from '../../app/jobs-feed';
import type { JobCardFragment } from '../../app/jobs-feed.generated';
import { routes } from '../../app/routes';
import { JobBadge } from '../../ui/badge';
import { Ago } from '../../ui/time';
import { summarize } from '../../words/changes';
import { jobTitle } from '../../words/jobs';
import styles from './recent-jobs.module.css';

interface Props {
  jobs: readonly JobCardFragment[];
  current: JobCardFragment | null;
}

/** Newest first; the one that runs is always among them. */
export function RecentJobs({ jobs, current }: Props) {
  const shown =
    current && !isEnded(current.state) && !jobs.some(({ id }) => id === current.id)
      ? [current, ...jobs]
      : jobs;
  return (
    <section className={styles.jobs}>
      <h3>Last jobs</h3>
      {shown.length === 0 ? (
        <p className={styles.none}>None yet. A resync brings both sides together.</p>
      ) : (
        <ol>
          {shown.map((job) => (
            <li key={job.id}>
              <OneJob job={job} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function OneJob({ job }: { job: JobCardFragment }) {
  const { id, number, state } = job;
  return (
    <>
      <div className={styles.first}>
        <Link href={routes.job(id)}>
          {jobTitle(job)} #{number}
        </Link>
        <JobBadge state={state} />
      </div>
      <div className={styles.more}>
        <Ago at={job.finishedAt ?? job.startedAt ?? job.createdAt} />
      </div>
      <div className={styles.outcome}>{outcome(job)}</div>
    </>
  );
}

function outcome({ state, dryRun, error, waitingReason, progress, counts }: JobCardFragment) {
  if (state === 'QUEUED') return waitingReason ?? 'Waits for its turn';
  if (!isEnded(state)) {
    const { phase, done, total } = progress;
    const far =
      total === null ? '' : ` ${done.toLocaleString('en')} of ${total.toLocaleString('en')}`;
    return `${phase}${far}`;
  }
  if (error && state === 'FAILED') return error.message;
  const changes = summarize(counts);
  if (dryRun) return changes ? `would be: ${changes}` : 'nothing would change';
  return changes || 'nothing changed';
}
