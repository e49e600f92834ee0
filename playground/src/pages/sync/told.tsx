// Sentences and warnings of a synchronizer, as they are shown.

import { Notice } from '../../ui/notice';
import type { Rule } from './rule';
import { describe } from './sentences';
import styles from './told.module.css';

/** What a rule does. */
export function RuleInWords({ rule }: { rule: Rule }) {
  return (
    <div className={styles.rule}>
      {describe(rule).map((sentence, at) => (
        <p key={at}>
          {sentence.map((part, place) =>
            typeof part === 'string' ? (
              part
            ) : 'query' in part ? (
              <code key={place}>{part.query}</code>
            ) : (
              <em key={place}>{part.name}</em>
            ),
          )}
        </p>
      ))}
    </div>
  );
}

interface Warning {
  message: string;
  other: { id: string; name: string };
}

/** Which other synchronizers claim the same. */
export function Warnings({ warnings }: { warnings: readonly Warning[] }) {
  if (warnings.length === 0) return null;
  return (
    <Notice tone="warning" title="Another synchronizer claims the same">
      <ul className={styles.warnings}>
        {warnings.map(({ message, other }) => (
          <li key={`${other.id} ${message}`}>
            <strong>{other.name}:</strong> {message}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
