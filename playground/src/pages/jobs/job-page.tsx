// Job status: one job from the queue to its end, live, and what can be done about it.

import { useState } from 'react';
import { Link, useParams } from 'wouter';
import { isEnded } from '../../app/jobs-feed';
import { useMaySynchronize } from '../../app/rights';
import { routes } from '../../app/routes';
import { useSession } from '../../app/session-context';
import { Changes } from '../../jobs/changes';
import { Counts } from '../../jobs/counts';
import type { JobDetailsFragment } from '../../jobs/job.generated';
import { useJob } from '../../jobs/use-job';
import { Button, ButtonLink } from '../../ui/button';
import { Notice } from '../../ui/notice';
import { Page } from '../../ui/page';
import { Panel } from '../../ui/panel';
import { Failure, Loading, Missing } from '../../ui/state';
import { countEdits, summarize } from '../../words/changes';
import { jobTitle, remedy, sentence } from '../../words/jobs';
import { RULES } from '../../words/words';
import { CancelButton } from './cancel-button';
import { Facts } from './facts';
import { HiddenPage } from './hidden-page';
import { Log } from './log';
import { NextStep } from './next-step';
import { Stepper } from './stepper';
import { UndoDialog } from './undo-dialog';
import styles from './job-page.module.css';

/** The page at `/jobs/:id`. */
export default function JobPage() {
  const { server } = useSession();
  return server.synchronizersEnabled ? <OneJob /> : <HiddenPage />;
}

function OneJob() {
  const { id = '' } = useParams<{ id: string }>();
  const { job, missing, error, retry } = useJob(id);
  if (job) return <Job key={id} job={job} />;
  return (
    <Page title="Job" crumbs={[{ to: routes.jobs(), text: 'Background processes' }]}>
      <Panel>
        {missing ? (
          <Missing
            what="job"
            actions={<ButtonLink to={routes.jobs()}>All background processes</ButtonLink>}
          />
        ) : error ? (
          <Failure error={error} onRetry={retry} />
        ) : (
          <Loading label="Loading the job" />
        )}
      </Panel>
    </Page>
  );
}

function Job({ job }: { job: JobDetailsFragment }) {
  const ended = isEnded(job.state);
  const hasChanges = summarize(job.counts) !== '';
  return (
    <Page
      title={`${jobTitle(job)} #${job.number}`}
      crumbs={[{ to: routes.jobs(), text: 'Background processes' }]}
      lead={
        <>
          {job.synchronizer && <>{job.synchronizer.name} on </>}
          {job.settings && <>{RULES[job.settings.__typename]} on </>}
          <Link href={routes.structure(job.structure.id)}>{job.structure.name}</Link>
        </>
      }
      actions={<Actions job={job} />}
    >
      <div className={styles.columns}>
        <div className={styles.main}>
          <Stepper job={job} />
          {job.error && (
            <Notice
              tone="danger"
              alert
              title={job.state === 'FAILED' ? 'The job failed' : 'A real run would be stopped'}
              actions={<ErrorActions job={job} />}
            >
              <p>{sentence(job.error.message)}</p>
              {job.state === 'FAILED' && <p>{remedy(job.error.code)}</p>}
            </Notice>
          )}
          {ended && job.state !== 'FAILED' && job.state !== 'CANCELLED' && (
            <>
              <Panel title={job.dryRun ? 'What it would change' : 'What it changed'}>
                <Counts counts={job.counts} wouldBe={job.dryRun} revert={job.kind === 'REVERT'} />
              </Panel>
              <NextStep job={job} />
            </>
          )}
          <Log entries={job.log} ended={ended} />
          {ended && hasChanges && (
            <Panel title="Changes" flush>
              <Changes
                job={job.id}
                counts={job.counts}
                wouldBe={job.dryRun}
                revert={job.kind === 'REVERT'}
              />
            </Panel>
          )}
        </div>
        <Facts job={job} />
      </div>
    </Page>
  );
}

function Actions({ job }: { job: JobDetailsFragment }) {
  const [undoing, setUndoing] = useState(false);
  const maySynchronize = useMaySynchronize();
  const { viewerAccess } = job.structure;
  if (!isEnded(job.state)) {
    if (viewerAccess !== 'CONTROL') return null;
    return job.state !== 'CANCELLING' && <CancelButton job={job} />;
  }
  const oneOff = job.kind === 'IMPORT' || job.kind === 'EXPORT';
  const mayRun = oneOff
    ? viewerAccess === 'AUTOMATE' || viewerAccess === 'CONTROL'
    : maySynchronize(viewerAccess);
  if (!mayRun) return null;
  if (job.dryRun) {
    return (
      job.kind === 'RESYNC' &&
      job.synchronizer && (
        <ButtonLink look="primary" to={routes.resync(job.synchronizer.id)}>
          Run this…
        </ButtonLink>
      )
    );
  }
  if (countEdits(job.counts) === 0 || job.revertedBy) return null;
  return (
    <>
      <Button onPress={() => setUndoing(true)}>Undo…</Button>
      <UndoDialog job={job} isOpen={undoing} onClose={() => setUndoing(false)} />
    </>
  );
}

/** Where the reason can be dealt with. */
function ErrorActions({ job }: { job: JobDetailsFragment }) {
  const { synchronizer, error, kind } = job;
  if (!synchronizer) return null;
  if (error?.code === 'NOT_AVAILABLE') {
    return <ButtonLink to={routes.edit(synchronizer.id)}>Change its settings</ButtonLink>;
  }
  if (kind !== 'RESYNC') return null;
  return <ButtonLink to={routes.resync(synchronizer.id)}>Look at new dry runs</ButtonLink>;
}
