// The list of what a job changed or would change, by kind or all in the order of the plan.

import { ListChecks } from 'lucide-react';
import { useState } from 'react';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { ToggleButtonGroup } from 'react-aria-components/ToggleButtonGroup';
import type { ChangeKind } from '../gql/schema';
import { Badge, type Tone } from '../ui/badge';
import { Button } from '../ui/button';
import { Empty, Failure, Loading } from '../ui/state';
import {
  CHANGE_KINDS,
  tellParts,
  weightOf,
  type Counts,
  type Telling,
  type Weight,
} from '../words/changes';
import { useChanges, type Change } from './use-changes';
import styles from './changes.module.css';

const TONES: Record<Weight, Tone> = { loss: 'danger', care: 'warning', plain: 'neutral' };

interface Props extends Telling {
  job: string;
  counts: Counts;
}

/** The changes of an ended job; `key` it by the job. */
export function Changes({ job, counts, ...telling }: Props) {
  const parts = tellParts(counts, telling);
  const [kind, setKind] = useState<ChangeKind | null>(null);
  const ofKind = parts.find((part) => part.kind === kind)?.number ?? 0;
  const changes = useChanges(job, kind, ofKind);
  const { shown, total, reading, more, error } = changes;

  if (error) return <Failure error={error} onRetry={changes.retry} />;
  if (total === 0 && !reading) {
    return (
      <Empty
        icon={ListChecks}
        title={telling.wouldBe ? 'Nothing would change' : 'Nothing was changed'}
      />
    );
  }
  const choose = (chosen: ChangeKind | null) => {
    setKind(chosen);
    changes.choose();
  };
  const all = parts.reduce((sum, { number }) => sum + number, 0);
  return (
    <>
      {parts.length > 1 && (
        <ToggleButtonGroup
          className={styles.chips}
          aria-label="Which changes"
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[kind ?? 'ALL']}
          onSelectionChange={([chosen]) => choose(chosen === 'ALL' ? null : (chosen as ChangeKind))}
        >
          <ToggleButton id="ALL" className={styles.chip}>
            All <span className="number">{all.toLocaleString('en')}</span>
          </ToggleButton>
          {parts.map((part) => (
            <ToggleButton
              key={part.kind}
              id={part.kind}
              className={[styles.chip, styles[part.weight]].join(' ')}
            >
              {CHANGE_KINDS[part.kind]}{' '}
              <span className="number">{part.number.toLocaleString('en')}</span>
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
      )}
      <div className={styles.scroll} tabIndex={0} role="group" aria-label="List of changes">
        <Lines lines={shown} first={telling.first} />
        {reading && shown.length === 0 && <Loading lines={3} label="Loading changes" />}
      </div>
      <div className={styles.foot} role="status">
        {reading && kind && changes.searched > 0
          ? `Looked through ${changes.searched.toLocaleString('en')} changes…`
          : total !== null &&
            `${shown.length.toLocaleString('en')} of ${total.toLocaleString('en')}`}
        {more && shown.length > 0 && (
          <Button small onPress={changes.showMore} isPending={reading}>
            Show more
          </Button>
        )}
      </div>
    </>
  );
}

function Lines({ lines, first }: Pick<Props, 'first'> & { lines: readonly Change[] }) {
  return (
    <ul className={styles.lines} aria-label="Changes">
      {lines.map(({ kind, summary }, index) => (
        // Lines never change their places, and some say the same.
        <li key={index}>
          <span className={styles.kind}>
            <Badge tone={TONES[weightOf(kind, { first })]} bare>
              {CHANGE_KINDS[kind]}
            </Badge>
          </span>
          <span className={styles.summary}>{summary}</span>
        </li>
      ))}
    </ul>
  );
}
