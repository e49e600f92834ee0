// Rows to choose one of: which match what is typed, and whether it pays to look at more of them.

import type { RowsToChooseQuery } from './form.generated';
import { nameOfRow } from '../rule';

/** A row that can be chosen. */
export type ChoosableRow = NonNullable<RowsToChooseQuery['structure']>['rows']['nodes'][number];

/** The matching rows: folders first, then from the top level down. */
export function matching(rows: readonly ChoosableRow[], wanted: string): ChoosableRow[] {
  const text = wanted.trim().toLowerCase();
  const weight = (row: ChoosableRow) =>
    (keyOf(row)?.toLowerCase() === text ? -1_000_000 : 0) +
    (keyOf(row) === null ? 0 : 1_000) +
    row.depth;
  return rows
    .filter((row) => nameOfRow(row).toLowerCase().includes(text))
    .sort((one, other) => weight(one) - weight(other));
}

/** Whether what is typed may stand further down: nothing matches, or another key does. */
export function isLookedFor(rows: readonly ChoosableRow[], wanted: string): boolean {
  const text = wanted.trim().toLowerCase();
  if (text === '') return false;
  if (/^[a-z][a-z0-9_]*-\d+$/.test(text)) {
    return !rows.some((row) => keyOf(row)?.toLowerCase() === text);
  }
  return !rows.some((row) => nameOfRow(row).toLowerCase().includes(text));
}

function keyOf({ item }: ChoosableRow): string | null {
  return item.__typename === 'Issue' ? item.key : null;
}
