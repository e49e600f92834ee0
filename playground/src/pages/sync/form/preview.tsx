// What a rule would change if it ran now: dry runs in every direction of its kind, without
// anything being installed.

import { Eye } from 'lucide-react';
import { useState } from 'react';
import { useMutation, useSubscription } from 'urql';
import { isEnded } from '../../../app/jobs-feed';
import type { JobCardFragment } from '../../../app/jobs-feed.generated';
import type { Direction } from '../../../gql/schema';
import { Changes } from '../../../jobs/changes';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Problems, type UserError } from '../../../ui/problems';
import { summarize } from '../../../words/changes';
import { DIRECTIONS } from '../../../words/words';
import { KIND_DIRECTIONS, toInput, type Rule } from '../rule';
import {
  PreviewExportDocument,
  PreviewImportDocument,
  PreviewStatusDocument,
} from './form.generated';
import styles from './preview.module.css';

interface Props {
  structureId: string;
  rule: Rule;
  /** Whether the rule can be run; if not, the form shows what is missing. */
  isReady: () => boolean;
}

interface Looked {
  /** The rule that was looked at, as text: another one needs another look. */
  at: string;
  jobs: { direction: Direction; job: JobCardFragment }[];
  errors: UserError[];
}

/** A button, and below it what each direction would change. */
export function Preview({ structureId, rule, isReady }: Props) {
  const [into, runImport] = useMutation(PreviewImportDocument);
  const [from, runExport] = useMutation(PreviewExportDocument);
  const [looked, setLooked] = useState<Looked | null>(null);
  const settings = toInput(rule);
  const now = JSON.stringify(settings);

  async function look() {
    if (!isReady()) return;
    setLooked(null);
    const input = { structureId, settings, dryRun: true };
    const found: Looked = { at: now, jobs: [], errors: [] };
    for (const direction of KIND_DIRECTIONS[rule.kind]) {
      const payload =
        direction === 'INTO_STRUCTURE'
          ? (await runImport({ input })).data?.runImport
          : (await runExport({ input })).data?.runExport;
      if (payload?.job) found.jobs.push({ direction, job: payload.job });
      else found.errors.push(...(payload?.userErrors ?? []));
    }
    setLooked(found);
  }

  const current = looked?.at === now ? looked : null;
  return (
    <div className={styles.preview}>
      <Button onPress={() => void look()} isPending={into.fetching || from.fetching}>
        <Eye aria-hidden="true" /> Preview what it would change
      </Button>
      <div role="status" className={styles.results}>
        {current?.jobs.map(({ direction, job }) => (
          <Result key={job.id} direction={direction} started={job} />
        ))}
        {looked && !current && (
          <p className={styles.old}>The settings have changed since: preview again.</p>
        )}
      </div>
      <Problems errors={current?.errors} failure={into.error ?? from.error} />
    </div>
  );
}

function Result({ direction, started }: { direction: Direction; started: JobCardFragment }) {
  const [{ data }] = useSubscription({
    query: PreviewStatusDocument,
    variables: { id: started.id },
    pause: isEnded(started.state),
  });
  const job = data?.jobStatus ?? started;
  return (
    <section className={styles.result}>
      <h3>{DIRECTIONS[direction]}</h3>
      {!isEnded(job.state) ? (
        <p className={styles.old}>{job.waitingReason ?? 'Working it out…'}</p>
      ) : job.state === 'FAILED' ? (
        <p className={styles.error}>{job.error?.message}</p>
      ) : (
        <>
          <p>{summarize(job.counts) || 'Nothing would change.'}</p>
          {job.error && <p className={styles.error}>It would fail: {job.error.message}</p>}
          {summarize(job.counts) && <EveryChange direction={direction} job={job} />}
        </>
      )}
    </section>
  );
}

/** The list of the changes, in front of the form: nobody has to leave what is not saved. */
function EveryChange({ direction, job }: { direction: Direction; job: JobCardFragment }) {
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button small onPress={() => setOpen(true)}>
        Every change…
      </Button>
      <Dialog
        title={`What it would change: ${DIRECTIONS[direction].toLowerCase()}`}
        isOpen={isOpen}
        onClose={close}
        footer={<Button onPress={close}>Close</Button>}
      >
        <div className={styles.changes}>
          <Changes job={job.id} counts={job.counts} wouldBe />
        </div>
      </Dialog>
    </>
  );
}
