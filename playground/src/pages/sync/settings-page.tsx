// Synchronization settings of a structure: every synchronizer with its state, its last jobs and
// what can be done with it.

import { Plus, RefreshCw } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useQuery } from 'urql';
import { useParams } from 'wouter';
import { routes } from '../../app/routes';
import { useMaySynchronize } from '../../app/rights';
import { useSession } from '../../app/session-context';
import { ButtonLink } from '../../ui/button';
import { Page } from '../../ui/page';
import { Panel } from '../../ui/panel';
import { Empty } from '../../ui/state';
import { HiddenPage, NotThere } from './frame';
import { NeedsControl } from './needs-control';
import { NextStep, useDone } from './next-step';
import styles from './settings-page.module.css';
import { SyncSettingsDocument } from './sync.generated';
import { SynchronizerCard } from './synchronizer-card';

/** The page at `/structures/:id/sync`. */
export default function SettingsPage() {
  const { server } = useSession();
  return server.synchronizersEnabled ? <Settings /> : <HiddenPage title={TITLE} />;
}

const TITLE = 'Synchronization settings';
const STRUCTURES = { to: routes.structures(), text: 'Structures' };

function Settings() {
  const { id } = useParams<{ id: string }>();
  const maySynchronize = useMaySynchronize();
  const done = useDone();
  const [{ data, error }, ask] = useQuery({
    query: SyncSettingsDocument,
    variables: { id },
    requestPolicy: 'cache-and-network',
  });
  const structure = data?.structure;

  // What one synchronizer claims matters to the others as soon as it is switched on.
  const states = structure?.synchronizers.map(({ id, state }) => `${id} ${state}`).join();
  const before = useRef(states);
  useEffect(() => {
    if (before.current && states && before.current !== states) {
      ask({ requestPolicy: 'network-only' });
    }
    before.current = states;
  }, [states, ask]);

  if (!structure) {
    return (
      <NotThere
        title={TITLE}
        what="structure"
        isMissing={!!data}
        error={error}
        onRetry={() => ask({ requestPolicy: 'network-only' })}
      />
    );
  }

  const { name, viewerAccess, synchronizers } = structure;
  const control = maySynchronize(viewerAccess);
  const install = (
    <ButtonLink to={routes.install(id)} look="primary">
      <Plus aria-hidden="true" /> Install synchronizer
    </ButtonLink>
  );
  const fresh = done && synchronizers.find((one) => one.id === done.id);
  return (
    <Page
      title={TITLE}
      crumbs={[STRUCTURES, { to: routes.structure(id), text: name }]}
      lead="What keeps this structure and the tracker in sync. An enabled synchronizer carries each change over as it happens; a resync brings both sides together once."
      actions={control && install}
    >
      <div className={styles.list}>
        {!control && <NeedsControl access={viewerAccess} />}
        {done && fresh?.state === 'DISABLED' && <NextStep {...done} name={fresh.name} />}
        {synchronizers.length === 0 ? (
          <Panel flush>
            <Empty
              icon={RefreshCw}
              title="Nothing keeps it in sync yet"
              actions={control && install}
            >
              A synchronizer ties the structure to the tracker: it fills it from a query, follows
              links or epics, keeps sub-tasks with their parents, or rolls statuses up.
            </Empty>
          </Panel>
        ) : (
          synchronizers.map((synchronizer) => (
            <SynchronizerCard key={synchronizer.id} synchronizer={synchronizer} control={control} />
          ))
        )}
      </div>
    </Page>
  );
}
