// Start Resync: which synchronizer, which direction, and what that would do, before it is done.

import { Lock } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { useParams } from 'wouter';
import { routes } from '../../app/routes';
import { useMaySynchronize } from '../../app/rights';
import { useSession } from '../../app/session-context';
import { SynchronizerBadge } from '../../ui/badge';
import { ButtonLink } from '../../ui/button';
import { Notice } from '../../ui/notice';
import { Page } from '../../ui/page';
import { Panel } from '../../ui/panel';
import { Empty, errorCode, Failure, FeatureHidden, Loading, Missing } from '../../ui/state';
import { sentence } from '../../words/jobs';
import { SYNCHRONIZER_KINDS } from '../../words/words';
import { ResyncForm } from './resync-form';
import { ResyncPageDocument, type ResyncPageQuery } from './resync.generated';
import styles from './resync-page.module.css';

/** A synchronizer as the page knows it. */
export type Synchronizer = NonNullable<ResyncPageQuery['synchronizer']>;

/** The page at `/synchronizers/:id/resync`, and at `…/enable` with that chosen already. */
export default function ResyncPage({ enable = false }: { enable?: boolean }) {
  const { id = '' } = useParams<{ id: string }>();
  const { server } = useSession();
  const [{ data, error }, ask] = useQuery({
    query: ResyncPageDocument,
    variables: { id },
    pause: !server.synchronizersEnabled,
    requestPolicy: 'cache-and-network',
  });
  // Once shown it stays while its query is asked for again: the dry runs below go on with it.
  const [shown, setShown] = useState<Synchronizer>();
  const found = data?.synchronizer?.id === id ? data.synchronizer : undefined;
  if (found && found !== shown) setShown(found);
  const synchronizer =
    found ?? (data?.synchronizer !== null && shown?.id === id ? shown : undefined);

  if (synchronizer) return <Resync key={id} synchronizer={synchronizer} enable={enable} />;
  const missing = data?.synchronizer === null || errorCode(error) === 'BAD_ID';
  return (
    <Page title="Resync" crumbs={[{ to: routes.structures(), text: 'Structures' }]}>
      <Panel>
        {!server.synchronizersEnabled ? (
          <FeatureHidden />
        ) : missing ? (
          <Missing
            what="synchronizer"
            actions={<ButtonLink to={routes.structures()}>All structures</ButtonLink>}
          />
        ) : error ? (
          <Failure error={error} onRetry={() => ask({ requestPolicy: 'network-only' })} />
        ) : (
          <Loading label="Loading the synchronizer" />
        )}
      </Panel>
    </Page>
  );
}

function Resync({ synchronizer, enable }: { synchronizer: Synchronizer; enable: boolean }) {
  const maySynchronize = useMaySynchronize();
  const { id, name, kind, state, unavailableReason, structure } = synchronizer;
  return (
    <Page
      title={enable && state === 'DISABLED' ? 'Resync and Enable' : 'Resync'}
      crumbs={[
        { to: routes.structures(), text: 'Structures' },
        { to: routes.structure(structure.id), text: structure.name },
        { to: routes.settings(structure.id), text: 'Settings' },
      ]}
      lead={
        <span className={styles.lead}>
          <span>
            <strong>{name}</strong> ({SYNCHRONIZER_KINDS[kind]}) on{' '}
            <strong>{structure.name}</strong>
          </span>
          <SynchronizerBadge state={state} />
        </span>
      }
    >
      {!maySynchronize(structure.viewerAccess) ? (
        <Panel>
          <Empty
            icon={Lock}
            title="You may not run a resync here"
            actions={
              <ButtonLink to={routes.structure(structure.id)}>Go to the structure</ButtonLink>
            }
          >
            A resync needs control of the structure, and the permission Control Synchronizers. An
            administrator can run it, or grant you what you lack.
          </Empty>
        </Panel>
      ) : state === 'NOT_AVAILABLE' ? (
        <Notice
          tone="danger"
          title="This synchronizer cannot run"
          actions={<ButtonLink to={routes.edit(id)}>Change its settings</ButtonLink>}
        >
          {unavailableReason && sentence(unavailableReason)}
        </Notice>
      ) : (
        <>
          {unavailableReason && (
            <div className={styles.reason}>
              <Notice tone="warning" title="The server switched this synchronizer off">
                {sentence(unavailableReason)}
              </Notice>
            </div>
          )}
          <ResyncForm synchronizer={synchronizer} presetEnable={enable} />
        </>
      )}
    </Page>
  );
}
