// The rows of a structure, read page by page as far as somebody looks: the top level first, then
// everything in depth-first order.

import { useEffect, useMemo, useState } from 'react';
import type { CombinedError } from 'urql';
import { useSession } from '../../../app/session-context';
import { RowsToChooseDocument } from './form.generated';
import { isLookedFor, matching, type ChoosableRow } from './rows';

interface Next {
  maxDepth: number | null;
  after: string | null;
}

interface Loaded {
  rows: readonly ChoosableRow[];
  total: number | null;
  next: Next | null;
  error: CombinedError | null;
}

const FROM_THE_TOP: Next = { maxDepth: 1, after: null };
const EVERYTHING: Next = { maxDepth: null, after: null };
const PORTION = 500;

/** The rows that match, and how far it was looked; only while `active`. */
export function useRows(structureId: string, active: boolean, wanted: string) {
  // Past the cache, which is not made for so many.
  const { direct } = useSession().connection;
  const [portions, setPortions] = useState(1);
  const [{ rows, total, next, error }, setLoaded] = useState<Loaded>({
    rows: [],
    total: null,
    next: FROM_THE_TOP,
    error: null,
  });
  const wantsMore =
    active &&
    !error &&
    next !== null &&
    (rows.length < portions * PORTION || isLookedFor(rows, wanted));

  useEffect(() => {
    if (!wantsMore || !next) return;
    let left = false;
    const variables = { id: structureId, ...next };
    void direct
      .query(RowsToChooseDocument, variables)
      .toPromise()
      .then(({ data, error }) => {
        if (left) return;
        const page = data?.structure?.rows;
        setLoaded((before) => {
          if (!page) return { ...before, error: error ?? null, next: error ? before.next : null };
          const known = new Set(before.rows.map(({ id }) => id));
          return {
            rows: [...before.rows, ...page.nodes.filter(({ id }) => !known.has(id))],
            total: data?.structure?.rowCount ?? null,
            next: following(next, page.pageInfo),
            error: null,
          };
        });
      });
    return () => {
      left = true;
    };
  }, [direct, structureId, wantsMore, next]);

  return {
    found: useMemo(() => matching(rows, wanted), [rows, wanted]),
    looked: rows.length,
    total,
    error,
    isLooking: wantsMore,
    /** Looks further; missing when there is nothing further. */
    lookFurther: next ? () => setPortions((before) => before + 5) : undefined,
    /** Tries again after a failure, from the start: the rows may have changed. */
    retry: () => setLoaded({ rows: [], total: null, next: FROM_THE_TOP, error: null }),
  };
}

function following(
  { maxDepth }: Next,
  { hasNextPage, endCursor }: { hasNextPage: boolean; endCursor: string | null },
): Next | null {
  if (hasNextPage) return { maxDepth, after: endCursor };
  return maxDepth === null ? null : EVERYTHING;
}
