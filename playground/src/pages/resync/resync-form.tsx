// The three steps of a resync: choose a direction by its dry run, look at the changes, start.

import { ListChecks, RefreshCw } from 'lucide-react';
import { useRef, useState } from 'react';
import { RadioGroup } from 'react-aria-components/RadioGroup';
import { routes } from '../../app/routes';
import type { Direction } from '../../gql/schema';
import { Changes } from '../../jobs/changes';
import { Button, ButtonLink } from '../../ui/button';
import { Notice } from '../../ui/notice';
import { Panel } from '../../ui/panel';
import { Empty } from '../../ui/state';
import { sentence } from '../../words/jobs';
import { DIRECTIONS } from '../../words/words';
import { DirectionCard } from './direction-card';
import { isFirstTime } from './first-time';
import type { Synchronizer } from './resync-page';
import { StartStep } from './start-step';
import { useDryRun, type Look } from './use-dry-run';
import { useStaleness } from './use-staleness';
import { useStart } from './use-start';
import styles from './resync-page.module.css';

/** Removal limits are shares of what a resync could remove. */
const MOST_REMOVED = 50;

interface Props {
  synchronizer: Synchronizer;
  presetEnable: boolean;
}

/** Everything between opening the page and the job. */
export function ResyncForm({ synchronizer, presetEnable }: Props) {
  const { id, kind, structure, supportedDirections } = synchronizer;
  const [look, setLook] = useState<Look>({ round: 0, maxRemovalPercent: MOST_REMOVED });
  // With two directions neither is chosen beforehand: this is what a person has to decide.
  const [chosen, setChosen] = useState<Direction | null>(
    supportedDirections.length === 1 ? (supportedDirections[0] ?? null) : null,
  );
  const [enable, setEnable] = useState(presetEnable);
  const has = (direction: Direction) => supportedDirections.includes(direction);
  const into = useDryRun(id, 'INTO_STRUCTURE', has('INTO_STRUCTURE'), look);
  const from = useDryRun(id, 'FROM_STRUCTURE', has('FROM_STRUCTURE'), look);
  const runs = { INTO_STRUCTURE: into, FROM_STRUCTURE: from };
  const stales = {
    INTO_STRUCTURE: useStaleness(structure.id, into.job?.startedAt ?? null),
    FROM_STRUCTURE: useStaleness(structure.id, from.job?.startedAt ?? null),
  };
  const start = useStart();
  const firstTime = isFirstTime(synchronizer);
  const busy = into.busy || from.busy;
  const run = chosen && runs[chosen];
  const heading = useRef<HTMLHeadingElement>(null);
  const lookAgain = (maxRemovalPercent = look.maxRemovalPercent) => {
    start.forget();
    setLook({ round: look.round + 1, maxRemovalPercent });
    // The button may go away with what it is about; the new dry runs are at the top.
    heading.current?.focus();
  };
  const again = (
    <Button onPress={() => lookAgain()} isDisabled={busy}>
      <RefreshCw aria-hidden="true" /> Dry run again
    </Button>
  );

  return (
    <div className={styles.steps}>
      <section className={styles.step} aria-labelledby="choose">
        <div className={styles.heading}>
          <div>
            <h2 id="choose" ref={heading} tabIndex={-1}>
              1. Choose a direction
            </h2>
            <p className="quiet">
              Nothing has changed yet. Dry runs show what a resync would do in each direction.
            </p>
          </div>
          {again}
        </div>
        <RadioGroup
          className={styles.cards}
          aria-labelledby="choose"
          value={chosen}
          onChange={(direction) => {
            setChosen(direction as Direction);
            start.forget();
          }}
        >
          {(['INTO_STRUCTURE', 'FROM_STRUCTURE'] as const).map((direction) => (
            <DirectionCard
              key={direction}
              kind={kind}
              direction={direction}
              dryRun={runs[direction]}
              stale={stales[direction]}
              firstTime={firstTime}
            />
          ))}
        </RadioGroup>
      </section>

      <section className={styles.step} aria-labelledby="look">
        <h2 id="look">2. Look at the changes</h2>
        <Panel flush>
          {run?.job?.state === 'SUCCEEDED' ? (
            <Changes
              key={run.job.id}
              job={run.job.id}
              counts={run.job.counts}
              wouldBe
              first={firstTime && chosen ? chosen : undefined}
            />
          ) : (
            <Empty
              icon={ListChecks}
              title={
                chosen
                  ? `No dry run ${DIRECTIONS[chosen].toLowerCase()} yet`
                  : 'No direction chosen yet'
              }
            >
              {chosen
                ? 'What it would change stands here once it has ended.'
                : 'Choose one above to see each change that a resync would make.'}
            </Empty>
          )}
        </Panel>
      </section>

      <section className={styles.step} aria-labelledby="start">
        <h2 id="start">3. Start the resync</h2>
        {start.stale && (
          <Notice
            tone="danger"
            alert
            title="Something changed since you looked"
            actions={
              <Button look="primary" onPress={() => lookAgain()}>
                Look again
              </Button>
            }
          >
            <p>Nothing was started. {sentence(start.stale)}</p>
          </Notice>
        )}
        {start.inTheWay && (
          <Notice
            tone="warning"
            alert
            title="A resync of this synchronizer is on its way already"
            actions={<ButtonLink to={routes.job(start.inTheWay.id)}>Go to that resync</ButtonLink>}
          >
            Only one at a time is queued. Wait for it, then look again.
          </Notice>
        )}
        <StartStep
          synchronizer={synchronizer}
          direction={chosen}
          dryRun={run}
          stale={chosen && stales[chosen]}
          look={look}
          onLook={lookAgain}
          enable={enable}
          onEnable={setEnable}
          start={start}
        />
      </section>
    </div>
  );
}
