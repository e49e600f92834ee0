// What the lists of jobs show of each.

import { Link } from 'wouter';
import { routes } from '../../app/routes';
import { Progress } from '../../jobs/progress';
import { JobBadge } from '../../ui/badge';
import type { Column } from '../../ui/table';
import { Ago, duration } from '../../ui/time';
import { summarize } from '../../words/changes';
import { jobTitle, sentence } from '../../words/jobs';
import { SYNCHRONIZER_KINDS } from '../../words/words';
import type { JobsQuery } from './jobs.generated';
import styles from './jobs-page.module.css';

type Job = JobsQuery['jobs']['nodes'][number];

const TITLE: Column<Job> = {
  head: 'Job',
  main: true,
  cell: (job) => (
    <div className={styles.title}>
      <Link href={routes.job(job.id)}>
        {jobTitle(job)} <span className="number">#{job.number}</span>
      </Link>
      {job.synchronizer && (
        <small>
          {SYNCHRONIZER_KINDS[job.synchronizer.kind]}:{' '}
          <Link href={routes.settings(job.structure.id)}>{job.synchronizer.name}</Link>
        </small>
      )}
    </div>
  ),
};

const STRUCTURE: Column<Job> = {
  head: 'Structure',
  cell: ({ structure }) => <Link href={routes.structure(structure.id)}>{structure.name}</Link>,
};

const STATE: Column<Job> = { head: 'State', cell: ({ state }) => <JobBadge state={state} /> };

const ASKED: Column<Job> = {
  head: 'Asked by',
  cell: ({ requestedBy }) => requestedBy?.name ?? <span className="quiet">background</span>,
};

/** Of jobs that wait or run: why, or how far they are. */
export const ACTIVE_COLUMNS: Column<Job>[] = [
  TITLE,
  STRUCTURE,
  STATE,
  {
    head: 'How far',
    cell: (job) => (
      <div className={styles.far}>
        {job.state === 'QUEUED' ? (
          job.waitingReason ? (
            sentence(job.waitingReason)
          ) : (
            'It begins in a moment.'
          )
        ) : (
          <Progress {...job.progress} />
        )}
      </div>
    ),
  },
  ASKED,
  { head: 'Queued', cell: ({ createdAt }) => <Ago at={createdAt} /> },
];

/** Of jobs that have ended: what came of them. */
export const ENDED_COLUMNS: Column<Job>[] = [
  TITLE,
  STRUCTURE,
  STATE,
  { head: 'Result', cell: (job) => <Result job={job} /> },
  ASKED,
  {
    head: 'Ended',
    cell: ({ startedAt, finishedAt }) =>
      finishedAt && (
        <div>
          <Ago at={finishedAt} />
          {startedAt && <small className={styles.took}>{duration(startedAt, finishedAt)}</small>}
        </div>
      ),
  },
];

function Result({ job }: { job: Job }) {
  const said = summarize(job.counts);
  return (
    <div className={styles.result}>
      {job.error ? (
        <span className={styles.error}>
          {job.state !== 'FAILED' && 'A run would be stopped. '}
          {sentence(job.error.message)}
        </span>
      ) : (
        said && <span>{job.dryRun ? `would be: ${said}` : said}</span>
      )}
      {!job.error && !said && <span className="quiet">nothing to change</span>}
    </div>
  );
}
