// Why a job has not begun, and the jobs before it with how far those are.

import { Link } from 'wouter';
import { isEnded } from '../app/jobs-feed';
import { routes } from '../app/routes';
import { JobBadge } from '../ui/badge';
import { jobTitle, sentence } from '../words/jobs';
import type { JobDetailsFragment } from './job.generated';
import styles from './waiting.module.css';

/** The reason, and the jobs that must end first. */
export function Waiting({ job }: { job: JobDetailsFragment }) {
  const ahead = job.waitingFor.filter(({ state }) => !isEnded(state));
  return (
    <div className={styles.waiting}>
      <p>{job.waitingReason ? sentence(job.waitingReason) : 'It begins in a moment.'}</p>
      {ahead.length > 0 && (
        <ul aria-label="Jobs before it">
          {ahead.map((other) => (
            <li key={other.id}>
              <Link href={routes.job(other.id)}>
                {jobTitle(other)} <span className="number">#{other.number}</span>
              </Link>
              <JobBadge state={other.state} />
              {other.state !== 'QUEUED' && <span className="quiet">{other.progress.phase}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
