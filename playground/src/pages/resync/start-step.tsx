// The last step: whether to enable the synchronizer, how much may be removed, and the button.

import { useState, type FormEvent } from 'react';
import type { Direction } from '../../gql/schema';
import { Button } from '../../ui/button';
import { Checkbox, TextField } from '../../ui/field';
import { Notice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { errorOf, Problems } from '../../ui/problems';
import { sentence } from '../../words/jobs';
import { ConfirmDialog } from './confirm-dialog';
import type { Synchronizer } from './resync-page';
import { STALE, type Stale } from './staleness';
import type { DryRun, Look } from './use-dry-run';
import type { Start } from './use-start';
import styles from './resync-page.module.css';

interface Props {
  synchronizer: Synchronizer;
  direction: Direction | null;
  dryRun: DryRun | null;
  stale: Stale | null;
  look: Look;
  onLook: (maxRemovalPercent: number) => void;
  enable: boolean;
  onEnable: (enable: boolean) => void;
  start: Start;
}

/** What is to be settled before the resync, and the way to start it. */
export function StartStep(props: Props) {
  const { synchronizer, direction, dryRun, stale, look, start } = props;
  const [asking, setAsking] = useState(false);
  const canEnable = synchronizer.state === 'DISABLED';
  const enable = canEnable && props.enable;
  const job = dryRun?.job;
  const obstacle = tellObstacle(direction, dryRun, start);

  async function begin() {
    if (!direction || !job) return;
    await start.begin({
      synchronizerId: synchronizer.id,
      direction,
      enableAfterwards: enable,
      previewJobId: job.id,
      maxRemovalPercent: look.maxRemovalPercent,
    });
    setAsking(false);
  }

  return (
    <Panel>
      <div className={styles.start}>
        {canEnable ? (
          <Checkbox
            isSelected={props.enable}
            onChange={props.onEnable}
            help="From then on small changes are carried over in the background, as they happen."
          >
            Enable the synchronizer when the resync has succeeded
          </Checkbox>
        ) : (
          <p className="quiet">
            The synchronizer is enabled and stays so: changes that come meanwhile are carried over
            after the resync.
          </p>
        )}
        {enable && synchronizer.warnings.length > 0 && (
          <Notice tone="warning" title="Once it is enabled">
            {synchronizer.warnings.map(({ message }) => (
              <p key={message}>{sentence(message)}</p>
            ))}
          </Notice>
        )}
        <Guard look={look} onLook={props.onLook} busy={dryRun?.busy ?? false} start={start} />
        {stale && dryRun?.usable && !start.stale && (
          <Notice tone="warning" title={STALE[stale]}>
            Dry run again to see what would happen now. A resync that would do anything else than
            you looked at is refused.
          </Notice>
        )}
        <Problems
          errors={start.errors?.filter(({ field }) => field?.at(-1) !== 'maxRemovalPercent')}
          failure={start.failure}
        />
        <div className={styles.deed}>
          <Button
            look="primary"
            isDisabled={obstacle !== null}
            aria-describedby="obstacle"
            onPress={() => setAsking(true)}
          >
            {enable ? 'Resync and Enable' : 'Resync'}…
          </Button>
          <span id="obstacle" className="quiet">
            {obstacle}
          </span>
        </div>
      </div>
      {direction && job && (
        <ConfirmDialog
          isOpen={asking}
          onClose={() => setAsking(false)}
          onConfirm={() => void begin()}
          busy={start.busy}
          synchronizer={synchronizer}
          direction={direction}
          counts={job.counts}
          enable={enable}
        />
      )}
    </Panel>
  );
}

/** Why the button cannot be pressed yet; null if it can. */
function tellObstacle(direction: Direction | null, dryRun: DryRun | null, start: Start) {
  if (!direction || !dryRun) return 'Choose a direction first.';
  if (dryRun.busy) return 'The dry run has not ended yet.';
  if (dryRun.job?.error) return 'A resync in this direction would be stopped: see above.';
  if (!dryRun.usable) return 'There is no dry run to go by: run it again.';
  if (start.stale) return 'Look again first.';
  return null;
}

interface GuardProps {
  look: Look;
  onLook: (maxRemovalPercent: number) => void;
  busy: boolean;
  start: Start;
}

/** How much may be removed; another limit is tried out by new dry runs. */
function Guard({ look, onLook, busy, start }: GuardProps) {
  const [wanted, setWanted] = useState(String(look.maxRemovalPercent));
  const number = /^\d{1,3}$/.test(wanted.trim()) ? Number(wanted) : NaN;
  const isShare = number >= 0 && number <= 100;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isShare && !busy) onLook(number);
  };
  return (
    <details className={styles.guard}>
      <summary>Removal guard: at most {look.maxRemovalPercent} %</summary>
      <form onSubmit={submit} noValidate>
        <TextField
          label="Remove at most, in percent"
          type="number"
          min={0}
          max={100}
          value={wanted}
          onChange={setWanted}
          help="A resync that would remove more than this share of the rows or links in its scope fails and changes nothing."
          error={
            isShare
              ? errorOf(start.errors, 'maxRemovalPercent')
              : 'A whole number from 0 to 100 is needed.'
          }
        />
        <Button type="submit" isDisabled={!isShare || busy || number === look.maxRemovalPercent}>
          Dry run with this limit
        </Button>
      </form>
    </details>
  );
}
