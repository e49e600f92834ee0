// Between the search and the tree: that an earlier version is shown, or that a place is wanted.

import { Clock, Move } from 'lucide-react';
import { useSession } from '../../app/session-context';
import { Button } from '../../ui/button';
import { Exact } from '../../ui/time';
import type { TreeRow } from './forest';
import type { Version } from './history-panel';
import { nameOf } from './moves';
import { whatChanged, whoChanged } from './news';
import styles from './structure-page.module.css';

interface Props {
  version: Version | null;
  picking: TreeRow | null;
  onNow: () => void;
  onCancel: () => void;
}

/** What is special about what the tree shows. */
export function Banner({ version, picking, onNow, onCancel }: Props) {
  const { viewer } = useSession();
  return (
    <div role="status">
      {version && (
        <div className={styles.banner}>
          <Clock aria-hidden="true" />
          <span>
            <strong>
              As it was on <Exact at={version.at} />
            </strong>{' '}
            after {whatChanged(version)} by {whoChanged(version, viewer.id)}
          </span>
          <Button small onPress={onNow}>
            Back to now
          </Button>
        </div>
      )}
      {picking && (
        <div className={styles.banner}>
          <Move aria-hidden="true" />
          <span>
            <strong>Moving {nameOf(picking.item)}.</strong> Press the row where it goes
            <span className={styles.wideOnly}>
              , or go there with the arrow keys and press Enter
            </span>
            .
          </span>
          <Button small onPress={onCancel}>
            Cancel
          </Button>
        </div>
      )}
    </div>
  );
}
