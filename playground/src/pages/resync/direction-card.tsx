// One direction of a resync: who wins, who loses, and what its dry run says.

import { ArrowDownToLine, ArrowUpFromLine, Ban } from 'lucide-react';
import { Radio } from 'react-aria-components/RadioGroup';
import { Link } from 'wouter';
import { routes } from '../../app/routes';
import type { Direction, SynchronizerKind } from '../../gql/schema';
import { Counts } from '../../jobs/counts';
import type { JobDetailsFragment } from '../../jobs/job.generated';
import { Progress } from '../../jobs/progress';
import { Waiting } from '../../jobs/waiting';
import { Badge } from '../../ui/badge';
import { Notice } from '../../ui/notice';
import { Problems } from '../../ui/problems';
import { Loading } from '../../ui/state';
import { Ago } from '../../ui/time';
import { sentence } from '../../words/jobs';
import { IN_SHORT, sidesOf, whyNot } from '../../words/sides';
import { count, DIRECTIONS } from '../../words/words';
import { STALE, type Stale } from './staleness';
import type { DryRun } from './use-dry-run';
import styles from './direction-card.module.css';

const ICONS = { INTO_STRUCTURE: ArrowDownToLine, FROM_STRUCTURE: ArrowUpFromLine };

interface Props {
  kind: SynchronizerKind;
  direction: Direction;
  dryRun: DryRun;
  stale: Stale | null;
  /** The synchronizer has never brought both sides together. */
  firstTime: boolean;
}

/** A direction to choose, anywhere on its card; one that the kind does not have says why. */
export function DirectionCard({ kind, direction, dryRun, stale, firstTime }: Props) {
  const sides = sidesOf(kind, direction);
  const Icon = sides ? ICONS[direction] : Ban;
  return (
    <div className={sides ? styles.card : `${styles.card} ${styles.missing}`}>
      <Radio value={direction} isDisabled={!sides} className={styles.choice}>
        <span className={styles.mark} aria-hidden="true" />
        <span className={styles.titles}>
          <strong>{DIRECTIONS[direction]}</strong>
          <span>{sides ? IN_SHORT[direction] : 'Not with this synchronizer.'}</span>
        </span>
        <Icon className={styles.icon} aria-hidden="true" />
      </Radio>
      {!sides && <p className={styles.why}>{whyNot(kind)}</p>}
      {sides && (
        <>
          <dl className={styles.sides}>
            <div>
              <dt>
                <Badge tone="good">Wins</Badge>
              </dt>
              <dd>{sides.winner}</dd>
            </div>
            <div>
              <dt>
                <Badge tone="warning">Changes</Badge>
              </dt>
              <dd>{sides.loser}</dd>
            </div>
          </dl>
          <p>{sides.effect}</p>
          <Result dryRun={dryRun} stale={stale} first={firstTime ? direction : undefined} />
        </>
      )}
    </div>
  );
}

interface ResultProps extends Pick<Props, 'dryRun' | 'stale'> {
  /** The direction, where no synchronization came before. */
  first: Direction | undefined;
}

function Result({ dryRun, stale, first }: ResultProps) {
  const { job, refusals, failure } = dryRun;
  return (
    <div className={styles.result} role="status">
      {refusals.length > 0 || failure ? (
        <Problems errors={refusals} failure={failure} />
      ) : job ? (
        <Outcome job={job} stale={stale} first={first} />
      ) : (
        <Loading lines={2} label="Starting the dry run" />
      )}
    </div>
  );
}

interface OutcomeProps extends Omit<ResultProps, 'dryRun'> {
  job: JobDetailsFragment;
}

function Outcome({ job, stale, first }: OutcomeProps) {
  switch (job.state) {
    case 'QUEUED':
      return (
        <div className={styles.on}>
          <Badge>The dry run waits</Badge>
          <Waiting job={job} />
        </div>
      );
    case 'RUNNING':
    case 'CANCELLING':
      return (
        <div className={styles.on}>
          <Badge tone="info" busy>
            The dry run looks at both sides
          </Badge>
          <Progress {...job.progress} />
        </div>
      );
    case 'SUCCEEDED':
      return (
        <>
          {job.error && (
            <Notice tone="danger" title="A resync in this direction would be stopped">
              {sentence(job.error.message)}
            </Notice>
          )}
          <Counts counts={job.counts} wouldBe first={first} />
          <p className={styles.foot}>
            <span>
              <Link href={routes.job(job.id)}>Dry run #{job.number}</Link> looked at{' '}
              {count(job.counts.issuesScanned, 'issue')}
              {job.startedAt && (
                <>
                  , <Ago at={job.startedAt} />
                </>
              )}
            </span>
            {stale && <Badge tone="warning">{STALE[stale]}</Badge>}
          </p>
        </>
      );
    default:
      return (
        <Notice
          tone="danger"
          title={job.state === 'CANCELLED' ? 'The dry run was cancelled' : 'The dry run failed'}
        >
          {job.error && sentence(job.error.message)}
        </Notice>
      );
  }
}
