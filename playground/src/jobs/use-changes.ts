// The lines of what an ended job changed, read page by page. The server gives them in the order of
// the plan; where only one kind is wanted, pages are read until enough of it has come.

import { useEffect, useState } from 'react';
import { useClient, type CombinedError } from 'urql';
import type { ChangeKind } from '../gql/schema';
import { ChangesDocument, type ChangesQuery } from './job.generated';

/** One line. */
export type Change = NonNullable<ChangesQuery['job']>['changes']['nodes'][number];

const PAGE = 50;
/** Most of what is read while looking for one kind is not shown. */
const SEARCHED = 500;

interface Read {
  lines: readonly Change[];
  after: string | null;
  total: number | null;
  ended: boolean;
}

/** The lines to show, and whether there are more. */
export function useChanges(job: string, kind: ChangeKind | null, ofKind: number) {
  const client = useClient();
  const [read, setRead] = useState<Read>({ lines: [], after: null, total: null, ended: false });
  const [wanted, setWanted] = useState(PAGE);
  const [error, setError] = useState<CombinedError>();
  const shown = kind ? read.lines.filter((line) => line.kind === kind) : read.lines;
  const ended = read.ended || (kind !== null && shown.length >= ofKind);
  const reading = !ended && !error && shown.length < wanted;
  const { after } = read;
  const first = kind ? SEARCHED : PAGE;

  useEffect(() => {
    if (!reading) return;
    let over = false;
    void client
      .query(ChangesDocument, { id: job, first, after })
      .toPromise()
      .then((answer) => {
        if (over) return;
        const page = answer.data?.job?.changes;
        if (!page) return setError(answer.error);
        setRead((before) => ({
          lines: [...before.lines, ...page.nodes],
          after: page.pageInfo.endCursor,
          total: page.totalCount,
          ended: !page.pageInfo.hasNextPage,
        }));
      });
    return () => {
      over = true;
    };
  }, [client, job, first, after, reading]);

  return {
    shown: shown.slice(0, wanted),
    total: kind ? ofKind : read.total,
    searched: read.lines.length,
    reading,
    more: !ended || shown.length > wanted,
    error,
    showMore: () => setWanted(wanted + PAGE),
    choose: () => setWanted(PAGE),
    retry: () => setError(undefined),
  };
}
