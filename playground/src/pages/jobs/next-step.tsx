// What is sensible after a resync that succeeded.

import { useMutation } from 'urql';
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
  const { synchronizer, structure, kind, dryRun } = job;
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
  if (synchronizer.state === 'NOT_AVAILABLE' || structure.viewerAccess !== 'CONTROL') {
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
        Enable it to carry over changes from now on. What changed since this resync is found by
        another one.
      </Notice>
      <Problems errors={data?.setSynchronizerEnabled.userErrors} failure={error} />
    </>
  );
}
