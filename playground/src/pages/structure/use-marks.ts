// Which rows are marked: now, those that were just touched; at an earlier version, those that it
// added or moved.

import { useCallback, useMemo } from 'react';
import { useQuery } from 'urql';
import { VersionRowsDocument } from './history.generated';
import type { Version } from './history-panel';
import type { LiveRows } from './live-rows';
import type { Mark } from './tree-row';

/** How each row is marked. */
export function useMarks(structureId: string, live: LiveRows, version: Version | null) {
  const [{ data }] = useQuery({
    query: VersionRowsDocument,
    variables: { id: structureId, after: version?.after ?? null },
    pause: version === null,
    requestPolicy: 'network-only',
  });
  const change = data?.structure?.history.nodes[0];
  const touched = useMemo(() => {
    const marks = new Map<string, Mark>();
    if (!change || change.version !== version?.version) return marks;
    for (const { id } of change.moved) marks.set(id, 'moved');
    for (const { id } of change.added) marks.set(id, 'added');
    return marks;
  }, [change, version]);
  const isPast = version !== null;
  return useCallback(
    (id: string): Mark | undefined =>
      isPast ? touched.get(id) : live.marked.has(id) ? 'fresh' : undefined,
    [isPast, touched, live],
  );
}
