// Cancels a job: one that waits at once, one that runs after a question.

import { useState } from 'react';
import { useMutation } from 'urql';
import { CancelJobDocument, type JobDetailsFragment } from '../../jobs/job.generated';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Problems } from '../../ui/problems';
import { complain, tell } from '../../ui/toast';
import { sentence } from '../../words/jobs';

/** The button, and its question. */
export function CancelButton({ job }: { job: JobDetailsFragment }) {
  const [asking, setAsking] = useState(false);
  const [{ data, error, fetching }, cancel] = useMutation(CancelJobDocument);
  const errors = data?.cancelJob.userErrors;

  async function deed() {
    const answer = await cancel({ id: job.id });
    const refused = answer.data?.cancelJob.userErrors[0];
    if (answer.error) return;
    setAsking(false);
    // It may have ended in between: then there is nothing left to cancel.
    if (refused) complain(sentence(refused.message));
    else tell(`Job #${job.number} is cancelled.`);
  }

  return (
    <>
      <Button
        onPress={() => (job.state === 'QUEUED' ? void deed() : setAsking(true))}
        isPending={fetching && !asking}
      >
        Cancel job{job.state === 'RUNNING' && '…'}
      </Button>
      <Dialog
        title="Cancel this job?"
        isOpen={asking}
        onClose={() => setAsking(false)}
        footer={
          <>
            <Button onPress={() => setAsking(false)}>Let it run</Button>
            <Button look="danger" isPending={fetching} onPress={() => void deed()}>
              Cancel the job
            </Button>
          </>
        }
      >
        <p>
          It stops at the next safe point. Nothing of its changes is made then, or, if it is about
          to end, all of them.
        </p>
        <Problems errors={errors} failure={error} />
      </Dialog>
    </>
  );
}
