// What is sensible after a job that succeeded: for one that was undone, to look at what undid it.

import { useMutation } from 'urql';
import { isEnded } from '../../app/jobs-feed';
import { useMaySynchronize } from '../../app/rights';
import { routes } from '../../app/routes';
import type { JobDetailsFragment } from '../../jobs/job.generated';
import { Button, ButtonLink } from '../../ui/button';
import { Notice } from '../../ui/notice';
import { Problems } from '../../ui/problems';
import { complain, tell } from '../../ui/toast';
import { sentence } from '../../words/jobs';
import { EnableAfterResyncDocument } from './jobs.generated';

/** An offer to enable the synchronizer, and the way to what was changed. */
export function NextStep({ job }: { job: JobDetailsFragment }) {
  const [{ data, error, fetching }, enable] = useMutation(EnableAfterResyncDocument);
  const maySynchronize = useMaySynchronize();
  const { synchronizer, structure, kind, dryRun, revertedBy } = job;
  if (revertedBy) return <Undone by={revertedBy} />;
  if (dryRun || kind !== 'RESYNC' || !synchronizer) return null;

  async function switchOn(id: string) {
    const answer = await enable({ id });
    const payload = answer.data?.setSynchronizerEnabled;
    if (!payload || payload.userErrors.length > 0) return;
    tell('The synchronizer is enabled.');
    payload.warnings.forEach(({ message }) => complain(sentence(message)));
  }

  const toStructure = (
    <ButtonLink to={routes.structure(structure.id)}>Go to the structure</ButtonLink>
  );
  if (synchronizer.state === 'ENABLED') {
    return (
      <Notice tone="good" title="The synchronizer is enabled" actions={toStructure}>
        From here on small changes are carried over in the background.
      </Notice>
    );
  }
  if (synchronizer.state === 'NOT_AVAILABLE' || !maySynchronize(structure.viewerAccess)) {
    return <div>{toStructure}</div>;
  }
  return (
    <>
      <Notice
        tone="info"
        title="The synchronizer is disabled"
        actions={
          <>
            <Button
              look="primary"
              isPending={fetching}
              onPress={() => void switchOn(synchronizer.id)}
            >
              Enable
            </Button>
            {toStructure}
          </>
        }
      >
        Enable it to carry over changes from then on. Changes made after this resync but before you
        enable it are carried over only by another resync.
      </Notice>
      <Problems errors={data?.setSynchronizerEnabled.userErrors} failure={error} />
    </>
  );
}

/** What undid the job: advice on its outcome would be about what is gone. */
function Undone({ by }: { by: NonNullable<JobDetailsFragment['revertedBy']> }) {
  return (
    <Notice
      tone="info"
      title={`${isEnded(by.state) ? 'Undone' : 'Being undone'} by #${by.number}`}
      actions={<ButtonLink to={routes.job(by.id)}>Go to job #{by.number}</ButtonLink>}
    >
      {isEnded(by.state)
        ? 'What this job changed was put back, as far as nobody had edited it since.'
        : 'What this job changed is put back, as far as nobody has edited it since.'}
    </Notice>
  );
}
