// What jobs are called, and what the server says of them, as whole sentences.

import type { Direction, JobKind } from '../gql/schema';
import { JOB_KINDS } from './words';

interface Named {
  kind: JobKind;
  direction: Direction | null;
  dryRun: boolean;
}

/** What a job is: `Resync into the structure`, `Dry run of a revert`. */
export function jobTitle({ kind, direction, dryRun }: Named): string {
  const way = { INTO_STRUCTURE: 'into the structure', FROM_STRUCTURE: 'from the structure' };
  const title = kind === 'RESYNC' && direction ? `Resync ${way[direction]}` : JOB_KINDS[kind];
  if (!dryRun) return title;
  return `Dry run of ${/^[aeiou]/i.test(title) ? 'an' : 'a'} ${title.toLowerCase()}`;
}

/** A message of the server as a sentence: it begins small where codes stand before it. */
export function sentence(message: string): string {
  const text = message
    .trim()
    .replace('that maxRemovalPercent allows', 'that the removal guard allows');
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}

/** What to do about the end of a job that failed, by the code of its error. */
export function remedy(code: string): string {
  switch (code) {
    case 'REMOVAL_LIMIT_EXCEEDED':
      return 'Nothing was changed. Look at the dry runs again: it may be the wrong direction. If all of it is to go, raise the limit of the removal guard there.';
    case 'PREVIEW_STALE':
      return 'Nothing was changed. Look at a new dry run, and start the resync from there.';
    case 'NOT_AVAILABLE':
      return 'Nothing was changed. Correct the settings of the synchronizer, and start again.';
    default:
      return 'Nothing was changed. Try again; if it fails again, whoever runs the server finds the reason in its log.';
  }
}
