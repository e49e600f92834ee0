// A field for a query that is tried while one types: how many issues match, or what is wrong and
// where.

import { useEffect, useState } from 'react';
import { useQuery } from 'urql';
import { TextField } from '../../../ui/field';
import { sentence } from '../../../words/jobs';
import { count } from '../../../words/words';
import { MatchingIssuesDocument } from './form.generated';
import styles from './form.module.css';
import { hasRelativeDate } from './jql';

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  help?: string;
  /** What an empty query means. */
  empty: string;
  /** Say what relative dates mean for incremental synchronization. */
  warnOfDates?: boolean;
}

const PAUSE = 350;

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(setSettled, PAUSE, value);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** A query with word of what it finds. */
export function JqlField({ label, value, onChange, error, help, empty, warnOfDates }: Props) {
  const jql = useSettled(value.trim());
  const [{ data, error: refused, fetching }] = useQuery({
    query: MatchingIssuesDocument,
    variables: { jql },
  });
  const isSettled = jql === value.trim() && !fetching;
  const wrong = isSettled ? refused?.graphQLErrors[0]?.message : undefined;
  const found = isSettled && !refused ? data?.issues : undefined;
  return (
    <div className={styles.jql}>
      <TextField
        label={label}
        value={value}
        onChange={onChange}
        help={help}
        error={wrong ? sentence(wrong.replace(/^JQL: /, '')) : error}
        code
        lines={2}
      />
      <div className={styles.found} role="status">
        {found && jql === '' ? (
          `${empty} ${count(found.totalCount, 'issue')} in all.`
        ) : found ? (
          <>
            <strong>{count(found.totalCount, 'issue matches', 'issues match')}</strong>
            {found.nodes.length > 0 &&
              `: ${found.nodes.map(({ key }) => key).join(', ')}${found.totalCount > found.nodes.length ? ' …' : ''}`}
          </>
        ) : (
          !wrong &&
          (refused
            ? 'The query could not be tried: the server cannot be reached.'
            : 'Looking for issues…')
        )}
      </div>
      {warnOfDates && hasRelativeDate(value) && (
        <p className={styles.caution}>
          It has a relative date: its result changes without a change of an issue, and only a resync
          notices that.
        </p>
      )}
    </div>
  );
}
