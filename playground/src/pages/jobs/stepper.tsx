// The three stages of a job: queued, running, ended; and what it does or waits for at its stage.

import { Ban, Check, CircleDashed, Clock, Play, TriangleAlert, X } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { isEnded } from '../../app/jobs-feed';
import type { JobState } from '../../gql/schema';
import type { JobDetailsFragment } from '../../jobs/job.generated';
import { Progress } from '../../jobs/progress';
import { Waiting } from '../../jobs/waiting';
import { Panel } from '../../ui/panel';
import { Ago, duration } from '../../ui/time';
import { JOB_STATES } from '../../words/words';
import styles from './job-page.module.css';

type Look = 'past' | 'now' | 'later' | 'good' | 'warning' | 'danger';

const ENDS: Partial<Record<JobState, { look: Look; icon: typeof Check }>> = {
  SUCCEEDED: { look: 'good', icon: Check },
  PARTIALLY_SUCCEEDED: { look: 'warning', icon: TriangleAlert },
  FAILED: { look: 'danger', icon: X },
  CANCELLED: { look: 'warning', icon: Ban },
};

/** Where the job is in its life. */
export function Stepper({ job }: { job: JobDetailsFragment }) {
  const { state, createdAt, startedAt, finishedAt } = job;
  const queued = state === 'QUEUED';
  const running = state === 'RUNNING' || state === 'CANCELLING';
  const end = ENDS[state];
  const ran = startedAt !== null;
  return (
    <Panel>
      <ol className={styles.steps} aria-label="Stages">
        <Step look={queued ? 'now' : 'past'} icon={queued ? Clock : Check} name="Queued">
          <Ago at={createdAt} />
        </Step>
        <Step
          look={running ? 'now' : ran ? 'past' : 'later'}
          icon={running ? Play : ran ? Check : CircleDashed}
          name={state === 'CANCELLING' ? 'Cancelling' : 'Running'}
        >
          {running && startedAt ? (
            <Elapsed since={startedAt} />
          ) : ran && finishedAt ? (
            duration(startedAt, finishedAt)
          ) : (
            isEnded(state) && 'never began'
          )}
        </Step>
        <Step
          look={end?.look ?? 'later'}
          icon={end?.icon ?? CircleDashed}
          name={end ? JOB_STATES[state] : 'Ended'}
        >
          {finishedAt && <Ago at={finishedAt} />}
        </Step>
      </ol>
      <div className={styles.body}>
        {queued && <Waiting job={job} />}
        {running && <Progress {...job.progress} />}
        {state === 'CANCELLING' && (
          <p className="quiet">It stops at the next safe point, with all of its changes or none.</p>
        )}
      </div>
      <p className="visually-hidden" role="status">
        {JOB_STATES[state]}
        {running && `: ${job.progress.phase}`}
      </p>
    </Panel>
  );
}

interface StepProps {
  look: Look;
  icon: typeof Check;
  name: string;
  children: ReactNode;
}

function Step({ look, icon: Icon, name, children }: StepProps) {
  const current = !['past', 'later'].includes(look);
  return (
    <li className={`${styles.step} ${styles[look]}`} aria-current={current ? 'step' : undefined}>
      <span className={styles.dot} aria-hidden="true">
        <Icon />
      </span>
      <span className={styles.name}>{name}</span>
      <span className={styles.when}>{children}</span>
    </li>
  );
}

/** How long something has gone on, by the second. */
function Elapsed({ since }: { since: string }) {
  const [now, setNow] = useState(() => new Date().toISOString());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date().toISOString()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return <span className="number">for {duration(since, now)}</span>;
}
