// Manage Structures: every structure that the viewer may view, with what keeps it in sync.

import { FolderPlus, Plus, Settings2, Trees } from 'lucide-react';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { Link } from 'wouter';
import { routes } from '../../app/routes';
import { useSession } from '../../app/session-context';
import { SynchronizerBadge } from '../../ui/badge';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { Page } from '../../ui/page';
import { Panel } from '../../ui/panel';
import { Empty, Failure, Loading } from '../../ui/state';
import { Table, type Column } from '../../ui/table';
import { Ago } from '../../ui/time';
import { count, SYNCHRONIZER_KINDS } from '../../words/words';
import { CreateStructure } from './create-structure';
import { StructuresDocument, type StructuresQuery } from './structures.generated';
import styles from './structures-page.module.css';

type Structure = StructuresQuery['structures']['nodes'][number];

/** Where the list was left: who comes back finds it so. */
let left: { wanted: string; pages: (string | null)[] } = { wanted: '', pages: [null] };

const PAGE = 50;

/** The page at `/`. */
export function StructuresPage() {
  const { server } = useSession();
  const [creating, setCreating] = useState(false);
  const [wanted, setWanted] = useState(left.wanted);
  const [pages, setPages] = useState(left.pages);
  useEffect(() => {
    left = { wanted, pages };
  }, [wanted, pages]);
  const top = useRef<HTMLDivElement>(null);
  const nameContains = useDeferredValue(wanted.trim());
  const after = pages.at(-1) ?? null;
  const [{ data, error, fetching }, ask] = useQuery({
    query: StructuresDocument,
    variables: {
      nameContains: nameContains || null,
      after,
      synchronizers: server.synchronizersEnabled,
    },
    requestPolicy: 'cache-and-network',
  });

  const create = (
    <Button look="primary" onPress={() => setCreating(true)}>
      <Plus aria-hidden="true" /> Create structure
    </Button>
  );
  const find = (value: string) => {
    setWanted(value);
    setPages([null]);
  };
  const retry = () => {
    // A cursor may be gone with its structure.
    setPages([null]);
    ask({ requestPolicy: 'network-only' });
  };
  const turn = (to: (string | null)[]) => {
    setPages(to);
    top.current?.scrollIntoView({ block: 'start' });
  };
  const { nodes, totalCount, pageInfo } = data?.structures ?? {
    nodes: [],
    totalCount: 0,
    pageInfo: null,
  };
  const none = data && totalCount === 0;

  return (
    <Page
      title="Manage structures"
      lead="Ordered hierarchies of issues, and what keeps each of them in sync with the tracker."
      actions={create}
    >
      {!(none && !nameContains) && (
        <div className={styles.find} ref={top}>
          <TextField label="Find by name" type="search" value={wanted} onChange={find} />
        </div>
      )}
      <Panel flush>
        {error && !data ? (
          <Failure error={error} onRetry={retry} />
        ) : !data && fetching ? (
          <Loading label="Loading structures" />
        ) : none ? (
          nameContains ? (
            <Empty icon={Trees} title={`No structure is named like “${nameContains}”`} />
          ) : (
            <Empty icon={FolderPlus} title="No structures yet" actions={create}>
              A structure is an ordered hierarchy of issues and folders that you arrange as you
              like. Make one, and let a synchronizer fill it.
            </Empty>
          )
        ) : (
          <>
            <Table
              label="Structures"
              columns={columns(server.synchronizersEnabled)}
              items={nodes}
              keyOf={({ id }) => id}
            />
            <div className={styles.foot}>
              <span>{countShown(pages.length, nodes.length, totalCount)}</span>
              {(pages.length > 1 || pageInfo?.hasNextPage) && (
                <span>
                  <Button
                    small
                    look="quiet"
                    isDisabled={pages.length === 1}
                    onPress={() => turn(pages.slice(0, -1))}
                  >
                    Previous
                  </Button>
                  <Button
                    small
                    look="quiet"
                    isDisabled={!pageInfo?.hasNextPage}
                    onPress={() => turn([...pages, pageInfo?.endCursor ?? null])}
                  >
                    Next
                  </Button>
                </span>
              )}
            </div>
          </>
        )}
      </Panel>
      <CreateStructure isOpen={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}

/** `3 structures`, or `51–100 of 501 structures` where there are several pages. */
function countShown(page: number, shown: number, total: number): string {
  const all = count(total, 'structure');
  const first = (page - 1) * PAGE + 1;
  return shown === total ? all : `${first}–${first + shown - 1} of ${all}`;
}

function columns(synchronizers: boolean): Column<Structure>[] {
  const all: (Column<Structure> | false)[] = [
    {
      head: 'Name',
      main: true,
      cell: ({ id, name, description }) => (
        <div>
          <Link className={styles.name} href={routes.structure(id)}>
            {name}
          </Link>
          {description && <div className={styles.description}>{description}</div>}
        </div>
      ),
    },
    { head: 'Owner', cell: ({ owner }) => owner?.name ?? <span className="quiet">nobody</span> },
    { head: 'Rows', end: true, cell: ({ rowCount }) => rowCount.toLocaleString('en') },
    synchronizers && { head: 'Sync with', cell: (structure) => <SyncWith structure={structure} /> },
    { head: 'Changed', cell: ({ updatedAt }) => <Ago at={updatedAt} /> },
    synchronizers && {
      head: 'Settings',
      cell: ({ id, name }) => (
        <Link
          className={styles.settings}
          href={routes.settings(id)}
          aria-label={`Settings of ${name}`}
        >
          <Settings2 size={15} aria-hidden="true" style={{ verticalAlign: '-2px' }} /> Settings
        </Link>
      ),
    },
  ];
  return all.filter((column) => column !== false);
}

function SyncWith({ structure }: { structure: Structure }) {
  const synchronizers = structure.synchronizers ?? [];
  if (synchronizers.length === 0) return <span className="quiet">nothing yet</span>;
  return (
    <ul className={styles.synchronizers}>
      {synchronizers.map(({ id, kind, name, state }) => (
        <li key={id} title={name}>
          {SYNCHRONIZER_KINDS[kind]} <SynchronizerBadge state={state} />
        </li>
      ))}
    </ul>
  );
}
