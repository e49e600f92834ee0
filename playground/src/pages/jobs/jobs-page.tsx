// Background processes: every job that the viewer may see, newest first, live.

import { Activity } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { isEnded } from '../../app/jobs-feed';
import { useSession } from '../../app/session-context';
import type { JobState } from '../../gql/schema';
import { Button } from '../../ui/button';
import { SelectField } from '../../ui/field';
import { Page } from '../../ui/page';
import { Panel } from '../../ui/panel';
import { Empty, Failure, Loading } from '../../ui/state';
import { Table } from '../../ui/table';
import { count } from '../../words/words';
import { ACTIVE_COLUMNS, ENDED_COLUMNS } from './columns';
import { HiddenPage } from './hidden-page';
import { JobsDocument, StructureNamesDocument } from './jobs.generated';
import styles from './jobs-page.module.css';

const ACTIVE: JobState[] = ['QUEUED', 'RUNNING', 'CANCELLING'];
const ENDED: JobState[] = ['SUCCEEDED', 'PARTIALLY_SUCCEEDED', 'FAILED', 'CANCELLED'];
const WANTED = {
  all: { text: 'All', ended: ENDED },
  active: { text: 'Waiting and running', ended: null },
  ended: { text: 'Ended', ended: ENDED },
  failed: { text: 'Failed or refused in part', ended: ['FAILED', 'PARTIALLY_SUCCEEDED'] },
} satisfies Record<string, { text: string; ended: JobState[] | null }>;
type Wanted = keyof typeof WANTED;

/** The page at `/jobs`. */
export default function JobsPage() {
  const { server } = useSession();
  return server.synchronizersEnabled ? <Jobs /> : <HiddenPage />;
}

function Jobs() {
  const [wanted, setWanted] = useState<Wanted>('all');
  const [structureId, setStructure] = useState('');
  const [{ data }] = useQuery({
    query: StructureNamesDocument,
    requestPolicy: 'cache-and-network',
  });
  const structures = data?.structures.nodes ?? [];
  const { ended } = WANTED[wanted];
  return (
    <Page
      title="Background processes"
      lead="Everything that was queued to be synchronized, imported, exported or undone, as it happens."
    >
      <div className={styles.filters}>
        <SelectField
          label="Show"
          value={wanted}
          onChange={(value) => setWanted(value as Wanted)}
          options={Object.entries(WANTED).map(([value, { text }]) => ({ value, text }))}
        />
        <SelectField
          label="Structure"
          value={structureId}
          onChange={setStructure}
          options={[
            { value: '', text: 'All structures' },
            ...structures.map(({ id, name }) => ({ value: id, text: name })),
          ]}
        />
      </div>
      <div className={styles.lists}>
        {(wanted === 'all' || wanted === 'active') && (
          <Active structureId={structureId || null} always={wanted === 'active'} />
        )}
        {ended && (
          <Ended
            key={`${wanted} ${structureId}`}
            structureId={structureId || null}
            states={ended}
            filtered={wanted !== 'all' || structureId !== ''}
          />
        )}
      </div>
    </Page>
  );
}

interface ActiveProps {
  structureId: string | null;
  /** Also if there are none. */
  always: boolean;
}

/** What waits and runs. */
function Active({ structureId, always }: ActiveProps) {
  const [{ data, error }, ask] = useQuery({
    query: JobsDocument,
    variables: { first: 100, after: null, structureId, states: ACTIVE },
    requestPolicy: 'cache-and-network',
  });
  // The feed tells of an end before the list is read again. What runs stands first, then what is
  // next: jobs that are in each other's way go in the order of their numbers.
  const jobs = (data?.jobs.nodes ?? [])
    .filter(({ state }) => !isEnded(state))
    .sort((one, other) => one.number - other.number);
  if (jobs.length === 0 && !always) return null;
  return (
    <Panel title="Now" flush>
      {error && !data ? (
        <Failure error={error} onRetry={() => ask({ requestPolicy: 'network-only' })} />
      ) : !data ? (
        <Loading lines={2} label="Loading what runs" />
      ) : jobs.length === 0 ? (
        <Empty icon={Activity} title="Nothing waits or runs" />
      ) : (
        <Table
          label="Waiting and running"
          columns={ACTIVE_COLUMNS}
          items={jobs}
          keyOf={({ id }) => id}
        />
      )}
    </Panel>
  );
}

interface EndedProps {
  structureId: string | null;
  states: JobState[];
  filtered: boolean;
}

/** What has ended, page by page. */
function Ended({ structureId, states, filtered }: EndedProps) {
  const [pages, setPages] = useState<(string | null)[]>([null]);
  const [{ data, error, fetching }, ask] = useQuery({
    query: JobsDocument,
    variables: { first: 50, after: pages.at(-1) ?? null, structureId, states },
    requestPolicy: 'cache-and-network',
  });
  const { nodes, totalCount, pageInfo } = data?.jobs ?? {};
  return (
    <Panel title="Ended" flush>
      {error && !data ? (
        <Failure error={error} onRetry={() => ask({ requestPolicy: 'network-only' })} />
      ) : !nodes ? (
        <Loading label="Loading jobs" />
      ) : nodes.length === 0 && pages.length === 1 ? (
        <Empty
          icon={Activity}
          title={filtered ? 'No job is like that' : 'Nothing has been done yet'}
        >
          {!filtered &&
            'Jobs stand here once a synchronizer has carried something over, or you have run a resync.'}
        </Empty>
      ) : (
        <>
          <Table label="Ended" columns={ENDED_COLUMNS} items={nodes} keyOf={({ id }) => id} />
          <div className={styles.foot}>
            <span>{count(totalCount ?? 0, 'job')}</span>
            {(pages.length > 1 || pageInfo?.hasNextPage) && (
              <span>
                <Button
                  small
                  look="quiet"
                  isDisabled={pages.length === 1}
                  onPress={() => setPages(pages.slice(0, -1))}
                >
                  Newer
                </Button>
                <Button
                  small
                  look="quiet"
                  isPending={fetching}
                  isDisabled={!pageInfo?.hasNextPage}
                  onPress={() => setPages([...pages, pageInfo?.endCursor ?? null])}
                >
                  Older
                </Button>
              </span>
            )}
          </div>
        </>
      )}
    </Panel>
  );
}
