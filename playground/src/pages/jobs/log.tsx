// What a job decided and why, as it says it.

import { TriangleAlert } from 'lucide-react';
import type { JobDetailsFragment } from '../../jobs/job.generated';
import { Panel } from '../../ui/panel';
import styles from './job-page.module.css';

const TIME = new Intl.DateTimeFormat('en', { timeStyle: 'medium' });

interface Props {
  entries: JobDetailsFragment['log'];
  ended: boolean;
}

/** The entries, the oldest first; read out as they come. */
export function Log({ entries, ended }: Props) {
  return (
    <Panel title="Log" flush>
      <div role="log" aria-label="Log">
        <ol className={styles.log}>
          {entries.map(({ at, level, message }, index) => (
            <li key={index}>
              <time dateTime={at}>{TIME.format(new Date(at))}</time>
              <span className={styles.entry}>
                {level === 'WARNING' && <TriangleAlert role="img" aria-label="Warning:" />}
                {message}
              </span>
            </li>
          ))}
          {entries.length === 0 && (
            <li className="quiet">
              {ended ? 'It wrote nothing.' : 'What it decides and why stands here once it runs.'}
            </li>
          )}
        </ol>
      </div>
    </Panel>
  );
}
