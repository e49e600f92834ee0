// How far a running job is: a bar that fills where the end is known, one that moves where it is not.

import { ProgressBar } from 'react-aria-components/ProgressBar';
import styles from './progress.module.css';

interface Props {
  phase: string;
  done: number;
  total: number | null;
}

/** The phase, its bar and its numbers. */
export function Progress({ phase, done, total }: Props) {
  const known = total !== null && total > 0;
  const numbers = known
    ? `${done.toLocaleString('en')} of ${total.toLocaleString('en')}`
    : done > 0
      ? done.toLocaleString('en')
      : '';
  return (
    <ProgressBar
      className={styles.progress}
      aria-label={phase}
      value={known ? Math.min(done, total) : 0}
      maxValue={known ? total : 1}
      isIndeterminate={!known}
      valueLabel={numbers}
    >
      {({ percentage }) => (
        <>
          <span className={styles.phase}>{phase}</span>
          <span className={styles.numbers}>{numbers}</span>
          <span className={styles.track}>
            <span
              className={known ? styles.fill : `${styles.fill} ${styles.moving}`}
              style={known ? { width: `${percentage ?? 0}%` } : undefined}
            />
          </span>
        </>
      )}
    </ProgressBar>
  );
}
