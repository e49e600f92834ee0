// The versions of a structure, newest first: who or what made each, and what it changed. Choosing
// one shows the hierarchy as it was then.

import { History, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import { routes } from '../../app/routes';
import { useSession } from '../../app/session-context';
import { Button } from '../../ui/button';
import { Empty, Failure, Loading } from '../../ui/state';
import { Ago } from '../../ui/time';
import { StructureHistoryDocument, type StructureHistoryQuery } from './history.generated';
import styles from './history-panel.module.css';
import { whatChanged, whoChanged } from './news';

type Edge = NonNullable<StructureHistoryQuery['structure']>['history']['edges'][number];

/** A version that can be looked at. */
export type Version = Edge['node'] & {
  /** The cursor of the version after it; null for the newest. */
  after: string | null;
};

interface Props {
  structureId: string;
  /** The newest version: with a new one the list is read again. */
  newest: number | null;
  chosen: number | null;
  onChoose: (version: Version | null) => void;
  onClose: () => void;
}

/** The list of versions. */
export function HistoryPanel({ structureId, newest, chosen, onChoose, onClose }: Props) {
  const [pages, setPages] = useState<(string | null)[]>([null]);
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  return (
    <aside className={styles.panel} aria-labelledby="history">
      <div className={styles.head}>
        <h2 id="history" ref={head} tabIndex={-1}>
          History
        </h2>
        <Button look="quiet" icon small aria-label="Close the history" onPress={onClose}>
          <X aria-hidden="true" />
        </Button>
      </div>
      <ol className={styles.list}>
        {pages.map((after, index) => (
          <PageOfVersions
            key={after ?? 'first'}
            structureId={structureId}
            after={after}
            newest={newest}
            chosen={chosen}
            onChoose={onChoose}
            onMore={
              index === pages.length - 1 ? (cursor) => setPages([...pages, cursor]) : undefined
            }
          />
        ))}
      </ol>
    </aside>
  );
}

interface PageProps extends Omit<Props, 'onClose'> {
  after: string | null;
  onMore: ((cursor: string) => void) | undefined;
}

function PageOfVersions({ structureId, after, newest, chosen, onChoose, onMore }: PageProps) {
  const { viewer, server } = useSession();
  const [{ data, error, fetching }, ask] = useQuery({
    query: StructureHistoryDocument,
    variables: { id: structureId, after, synchronizers: server.synchronizersEnabled },
    requestPolicy: 'cache-and-network',
  });
  const read = useRef(newest);
  useEffect(() => {
    if (after !== null || read.current === newest) return;
    read.current = newest;
    ask({ requestPolicy: 'network-only' });
  }, [after, newest, ask]);

  if (error && !data) {
    return (
      <li>
        <Failure error={error} onRetry={() => ask({ requestPolicy: 'network-only' })} />
      </li>
    );
  }
  if (!data?.structure) return <li>{fetching && <Loading lines={8} />}</li>;
  const { edges, pageInfo } = data.structure.history;
  if (edges.length === 0 && after === null) {
    return (
      <li>
        <Empty icon={History} title="No versions yet">
          Every change of the hierarchy will be listed here.
        </Empty>
      </li>
    );
  }
  const end = pageInfo.endCursor;
  return (
    <>
      {edges.map(({ node }, index) => {
        const isChosen = node.version === chosen;
        const version = { ...node, after: edges[index - 1]?.cursor ?? after };
        return (
          <li key={node.version} className={isChosen ? styles.chosen : undefined}>
            <button
              type="button"
              className={styles.version}
              aria-pressed={isChosen}
              onClick={() => onChoose(isChosen ? null : version)}
            >
              <span className={styles.what}>{whatChanged(node)}</span>
              <span className={styles.when}>
                <Ago at={node.at} /> · version {node.version}
              </span>
            </button>
            <span className={styles.who}>
              by{' '}
              {node.job ? (
                <Link href={routes.job(node.job.id)}>{whoChanged(node, viewer.id)}</Link>
              ) : (
                whoChanged(node, viewer.id)
              )}
            </span>
          </li>
        );
      })}
      {onMore && pageInfo.hasNextPage && end && (
        <li className={styles.more}>
          <Button small onPress={() => onMore(end)}>
            Show older versions
          </Button>
        </li>
      )}
    </>
  );
}
