// What does not change about a job: who asked, when, of what; and what undid it.

import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { routes } from '../../app/routes';
import type { JobDetailsFragment } from '../../jobs/job.generated';
import { Badge, JobBadge, SynchronizerBadge } from '../../ui/badge';
import { Panel } from '../../ui/panel';
import { duration, Exact } from '../../ui/time';
import { IN_SHORT } from '../../words/sides';
import { SYNCHRONIZER_KINDS } from '../../words/words';
import styles from './job-page.module.css';

/** The facts, at the side of the page. */
export function Facts({ job }: { job: JobDetailsFragment }) {
  const { synchronizer, direction, reverts, revertedBy } = job;
  return (
    <Panel title="About this job">
      <dl className={styles.facts}>
        {job.dryRun && (
          <Fact name="Dry run">
            <Badge tone="info">changes nothing</Badge>
          </Fact>
        )}
        {direction && <Fact name="Direction">{IN_SHORT[direction]}</Fact>}
        <Fact name="Structure">
          <Link href={routes.structure(job.structure.id)}>{job.structure.name}</Link>
        </Fact>
        {synchronizer && (
          <Fact name={`Synchronizer (${SYNCHRONIZER_KINDS[synchronizer.kind]})`}>
            <Link href={routes.settings(job.structure.id)}>{synchronizer.name}</Link>{' '}
            <SynchronizerBadge state={synchronizer.state} />
          </Fact>
        )}
        <Fact name="Asked for by">
          {job.requestedBy?.name ?? 'nobody: changes are carried over in the background'}
        </Fact>
        {reverts && (
          <Fact name="Undoes">
            <OtherJob job={reverts} />
          </Fact>
        )}
        {revertedBy && (
          <Fact name="Undone by">
            <OtherJob job={revertedBy} />
          </Fact>
        )}
        <Fact name="Queued">
          <Exact at={job.createdAt} />
        </Fact>
        {job.startedAt && <Fact name="Waited">{duration(job.createdAt, job.startedAt)}</Fact>}
        {job.startedAt && job.finishedAt && (
          <Fact name="Ran for">{duration(job.startedAt, job.finishedAt)}</Fact>
        )}
        {job.finishedAt && (
          <Fact name="Ended">
            <Exact at={job.finishedAt} />
          </Fact>
        )}
        <Fact name="Issues looked at">{job.counts.issuesScanned.toLocaleString('en')}</Fact>
      </dl>
    </Panel>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function OtherJob({ job }: { job: NonNullable<JobDetailsFragment['reverts']> }) {
  return (
    <>
      <Link href={routes.job(job.id)}>Job #{job.number}</Link> <JobBadge state={job.state} />
    </>
  );
}
