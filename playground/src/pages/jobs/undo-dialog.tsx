// Undoing what a job changed: first a dry run that shows what would be undone and what would be
// left, then the question, then the job that does it.

import { useEffect, useState } from 'react';
import { useMutation } from 'urql';
import { Link, useLocation } from 'wouter';
import { isEnded } from '../../app/jobs-feed';
import { routes } from '../../app/routes';
import { Changes } from '../../jobs/changes';
import { Counts } from '../../jobs/counts';
import { RevertJobDocument, type JobDetailsFragment } from '../../jobs/job.generated';
import { Progress } from '../../jobs/progress';
import { useJob } from '../../jobs/use-job';
import { Waiting } from '../../jobs/waiting';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Notice } from '../../ui/notice';
import { Problems } from '../../ui/problems';
import { Loading } from '../../ui/state';
import { countEdits } from '../../words/changes';
import { jobTitle, sentence } from '../../words/jobs';
import { count } from '../../words/words';
import styles from './job-page.module.css';

interface Props {
  job: JobDetailsFragment;
  isOpen: boolean;
  onClose: () => void;
}

/** The dialog; each time it opens it looks anew. */
export function UndoDialog({ job, isOpen, onClose }: Props) {
  return (
    <Dialog title={`Undo job #${job.number}?`} isOpen={isOpen} onClose={onClose} alert>
      <Undo job={job} onClose={onClose} />
    </Dialog>
  );
}

function Undo({ job, onClose }: Omit<Props, 'isOpen'>) {
  const [, navigate] = useLocation();
  const [preview, look] = useMutation(RevertJobDocument);
  const [result, revert] = useMutation(RevertJobDocument);
  const [round, setRound] = useState(0);
  useEffect(() => {
    void look({ id: job.id, dryRun: true, confirm: false });
  }, [look, job.id, round]);
  const payload = result.data?.revertJob ?? preview.data?.revertJob;
  const refusals = payload?.userErrors ?? [];
  const inTheWay = refusals.find((refusal) => refusal.job)?.job;
  const { job: dryRun } = useJob(preview.data?.revertJob.job?.id ?? null);

  async function confirm() {
    const { data } = await revert({ id: job.id, dryRun: false, confirm: true });
    const { job: made, userErrors } = data?.revertJob ?? { job: null, userErrors: [] };
    if (made && userErrors.length === 0) navigate(routes.job(made.id));
  }

  return (
    <>
      <p className="quiet">
        {jobTitle(job)} on {job.structure.name}. What people edited since stays as it is.
      </p>
      <Problems errors={refusals} failure={result.error ?? preview.error} />
      {inTheWay && <Link href={routes.job(inTheWay.id)}>Go to job #{inTheWay.number}</Link>}
      {!dryRun && refusals.length === 0 && !preview.error && (
        <Loading lines={3} label="Looking at what would be undone" />
      )}
      {dryRun && <Preview dryRun={dryRun} onAgain={() => setRound(round + 1)} />}
      <div className={styles.answers}>
        <Button onPress={onClose} autoFocus>
          Keep it
        </Button>
        <Button
          look="danger"
          isDisabled={dryRun?.state !== 'SUCCEEDED' || countEdits(dryRun.counts) === 0}
          isPending={result.fetching}
          onPress={() => void confirm()}
        >
          {dryRun && isEnded(dryRun.state) && countEdits(dryRun.counts) > 0
            ? `Undo ${count(countEdits(dryRun.counts), 'change')}`
            : 'Undo'}
        </Button>
      </div>
    </>
  );
}

function Preview({ dryRun, onAgain }: { dryRun: JobDetailsFragment; onAgain: () => void }) {
  switch (dryRun.state) {
    case 'QUEUED':
      return <Waiting job={dryRun} />;
    case 'RUNNING':
    case 'CANCELLING':
      return <Progress {...dryRun.progress} />;
    case 'SUCCEEDED':
      return (
        <>
          {dryRun.counts.skipped > 0 && (
            <Notice tone="warning" title="Not all of it can be undone">
              The skipped ones were edited since, or have no way back. They stay as they are.
            </Notice>
          )}
          <Counts counts={dryRun.counts} wouldBe revert />
          <div className={styles.undo}>
            <Changes key={dryRun.id} job={dryRun.id} counts={dryRun.counts} wouldBe revert />
          </div>
        </>
      );
    default:
      return (
        <Notice
          tone="danger"
          title="The dry run did not succeed"
          actions={<Button onPress={onAgain}>Try again</Button>}
        >
          {dryRun.error && sentence(dryRun.error.message)}
        </Notice>
      );
  }
}
