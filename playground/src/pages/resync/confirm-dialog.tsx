// The last question before a resync: which direction, who wins, who loses, and how much is lost.

import { useState } from 'react';
import type { Direction } from '../../gql/schema';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Checkbox } from '../../ui/field';
import { Notice } from '../../ui/notice';
import { summarize, tellGravest, tellLosses, type Counts } from '../../words/changes';
import { sidesOf } from '../../words/sides';
import { DIRECTIONS } from '../../words/words';
import { isFirstTime } from './first-time';
import type { Synchronizer } from './resync-page';
import styles from './resync-page.module.css';

interface Props {
  isOpen: boolean;
  onClose: () => void;
  onConfirm: () => void;
  busy: boolean;
  synchronizer: Synchronizer;
  direction: Direction;
  counts: Counts;
  enable: boolean;
}

/** Asks whether that is meant; where something is lost, that has to be ticked first. */
export function ConfirmDialog({ isOpen, onClose, busy, ...props }: Props) {
  return (
    <Dialog
      title={`Resync ${DIRECTIONS[props.direction].toLowerCase()}?`}
      isOpen={isOpen}
      onClose={onClose}
      strict={busy}
      alert
    >
      <Question {...props} onClose={onClose} busy={busy} />
    </Dialog>
  );
}

/** Its own component: each time the dialog opens, nothing is ticked. */
function Question(props: Omit<Props, 'isOpen'>) {
  const { synchronizer, direction, counts, enable, busy, onClose, onConfirm } = props;
  const [understood, setUnderstood] = useState(false);
  const sides = sidesOf(synchronizer.kind, direction);
  const first = isFirstTime(synchronizer) ? direction : undefined;
  const losses = tellLosses(counts, first);
  const grave = losses.filter(({ weight }) => weight === 'loss');
  const rest = losses.filter(({ weight }) => weight !== 'loss');
  const gravest = tellGravest(counts, first);
  const deed = gravest ? `Resync and ${gravest}` : enable ? 'Resync and Enable' : 'Resync';
  return (
    <>
      <dl className={styles.sides}>
        <div>
          <dt>Structure</dt>
          <dd>{synchronizer.structure.name}</dd>
        </div>
        <div>
          <dt>Wins</dt>
          <dd>{sides?.winner}</dd>
        </div>
        <div>
          <dt>Is overwritten</dt>
          <dd>{sides?.loser}</dd>
        </div>
        <div>
          <dt>Changes</dt>
          <dd>{summarize(counts) || 'nothing'}</dd>
        </div>
        {enable && (
          <div>
            <dt>Afterwards</dt>
            <dd>the synchronizer is enabled</dd>
          </div>
        )}
      </dl>
      {losses.length > 0 ? (
        <>
          {grave.length > 0 && (
            <Notice tone="danger" title="What would be lost">
              {grave.map(({ sentence }) => (
                <p key={sentence}>{sentence}</p>
              ))}
            </Notice>
          )}
          {rest.length > 0 && (
            <Notice tone="warning" title="It has not synchronized anything before">
              {rest.map(({ sentence }) => (
                <p key={sentence}>{sentence}</p>
              ))}
            </Notice>
          )}
          <Checkbox isSelected={understood} onChange={setUnderstood}>
            I have looked at these changes and want them
          </Checkbox>
        </>
      ) : (
        <p className="quiet">
          All of it or nothing is applied, and it can be undone from the page of its job.
        </p>
      )}
      <div className={styles.answers}>
        <Button onPress={onClose} isDisabled={busy} autoFocus>
          Cancel
        </Button>
        <Button
          look={grave.length > 0 ? 'danger' : 'primary'}
          isDisabled={losses.length > 0 && !understood}
          isPending={busy}
          onPress={onConfirm}
        >
          {deed}
        </Button>
      </div>
    </>
  );
}
