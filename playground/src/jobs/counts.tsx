// What a job changed, number by number: what is lost stands out.

import { Check } from 'lucide-react';
import type { Direction } from '../gql/schema';
import { countEdits, tellParts, type Counts as Numbers } from '../words/changes';
import styles from './counts.module.css';

interface Props {
  counts: Numbers;
  /** It is a dry run: nothing has been changed. */
  wouldBe: boolean;
  /** It undoes another job. */
  revert?: boolean;
  /** The direction of a resync that no synchronization came before. */
  first?: Direction | undefined;
}

/** The numbers with their words; in words, too, if there are none. */
export function Counts({ counts, wouldBe, revert = false, first }: Props) {
  const parts = tellParts(counts, { wouldBe, revert, first });
  return (
    <>
      {countEdits(counts) === 0 && (
        <p className={styles.nothing}>
          <Check aria-hidden="true" />
          {wouldBe ? 'Nothing would change.' : 'Nothing was changed.'}
          {!revert && parts.length === 0 && ' Both sides agree.'}
        </p>
      )}
      {parts.length > 0 && (
        <ul className={styles.counts}>
          {parts.map(({ kind, number, words, weight }) => (
            <li key={kind} className={styles[weight]} data-kind={kind}>
              <strong>{number.toLocaleString('en')}</strong>
              <span>{words}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
