// Below the tree: how many rows there are or have been read, and what happened last.

import { useSyncExternalStore } from 'react';
import { Button } from '../../ui/button';
import { count } from '../../words/words';
import { LiveRows } from './live-rows';
import type { Rows } from './rows';
import styles from './structure-page.module.css';

/** The line below the tree. */
export function StatusLine({ rows, said }: { rows: Rows; said: string }) {
  useSyncExternalStore(rows.listen, rows.seen);
  const news = rows instanceof LiveRows ? rows.news : '';
  return (
    <footer className={styles.foot}>
      <Progress rows={rows} />
      <span className={styles.news} role="status">
        {said || news}
      </span>
    </footer>
  );
}

function Progress({ rows }: { rows: Rows }) {
  const { forest, total, phase } = rows;
  const behind = rows instanceof LiveRows ? rows.behind : 0;
  if (phase === 'paused') {
    return (
      <span className={styles.progress}>
        {forest.size.toLocaleString('en')} of {count(total, 'row')} read
        <Button small onPress={() => rows.wantAll()}>
          Read all
        </Button>
        {behind > 0 && (
          <Button small onPress={() => rows.start()}>
            Show what changed
          </Button>
        )}
      </span>
    );
  }
  if (phase === 'reading' && rows.missing > 0) {
    return (
      <span className={styles.progress}>
        <progress max={total} value={forest.size} aria-label="Rows read" />
        {forest.size.toLocaleString('en')} of {count(total, 'row')}
      </span>
    );
  }
  return <span className={styles.progress}>{count(forest.size, 'row')}</span>;
}
