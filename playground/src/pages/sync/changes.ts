// What a job changed or would change, in a few words.

import type { JobCardFragment } from '../../app/jobs-feed.generated';
import { count } from '../../words/words';

type Counts = JobCardFragment['counts'];

/** `12 rows added, 3 rows moved`; null if nothing changed. */
export function changesInWords(counts: Counts): string | null {
  const parts: [number, string, string?][] = [
    [counts.rowsRemoved, 'row removed', 'rows removed'],
    [counts.linksRemoved, 'link deleted', 'links deleted'],
    [counts.rowsAdded, 'row added', 'rows added'],
    [counts.rowsMoved, 'row moved', 'rows moved'],
    [counts.linksAdded, 'link made', 'links made'],
    [counts.epicsChanged, 'epic changed', 'epics changed'],
    [counts.ranksChanged, 'rank changed', 'ranks changed'],
    [counts.statusesChanged, 'status changed', 'statuses changed'],
  ];
  const words = parts
    .filter(([number]) => number > 0)
    .map(([number, one, many]) => count(number, one, many));
  return words.length > 0 ? words.join(', ') : null;
}

/** What a job could not do, or overwrote: `2 conflicts, 1 skipped`; null if there is nothing. */
export function troubleInWords({ conflicts, skipped, failed }: Counts): string | null {
  const words = [
    conflicts > 0 && count(conflicts, 'conflict'),
    skipped > 0 && `${skipped.toLocaleString('en')} skipped`,
    failed > 0 && `${failed.toLocaleString('en')} failed`,
  ].filter((part) => part !== false);
  return words.length > 0 ? words.join(', ') : null;
}
