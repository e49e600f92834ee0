// Changing the settings of a synchronizer.

import { useMutation, useQuery } from 'urql';
import { useLocation, useParams } from 'wouter';
import { routes } from '../../app/routes';
import { useMaySynchronize } from '../../app/rights';
import { useSession } from '../../app/session-context';
import { Notice } from '../../ui/notice';
import { Page } from '../../ui/page';
import { Panel } from '../../ui/panel';
import { sentence } from '../../words/jobs';
import { SYNCHRONIZER_KINDS } from '../../words/words';
import styles from './edit-page.module.css';
import { RuleForm } from './form/rule-form';
import { HiddenPage, NotThere } from './frame';
import { NeedsControl } from './needs-control';
import type { Done } from './next-step';
import { fromSettings, toInput } from './rule';
import { EditedSynchronizerDocument, UpdateSynchronizerDocument } from './sync.generated';
import { RuleInWords } from './told';

const TITLE = 'Edit synchronizer';

/** The page at `/synchronizers/:id`. */
export default function EditPage() {
  const { server } = useSession();
  return server.synchronizersEnabled ? <Edit /> : <HiddenPage title={TITLE} />;
}

function Edit() {
  const { id } = useParams<{ id: string }>();
  const [, navigate] = useLocation();
  const maySynchronize = useMaySynchronize();
  // The form starts with what the server says now, not with what some page saw before.
  const [{ data, error, fetching, stale }, ask] = useQuery({
    query: EditedSynchronizerDocument,
    variables: { id },
    requestPolicy: 'network-only',
  });
  const [result, update] = useMutation(UpdateSynchronizerDocument);
  const synchronizer = data?.synchronizer;
  if (!synchronizer) {
    return (
      <NotThere
        title={TITLE}
        what="synchronizer"
        isMissing={!!data && !fetching && !stale}
        error={error}
        onRetry={() => ask({ requestPolicy: 'network-only' })}
      />
    );
  }

  const { name, kind, state, unavailableReason, settings, structure } = synchronizer;
  const isEnabled = state === 'ENABLED';
  const rule = fromSettings(settings, state);
  return (
    <Page
      title={`Edit “${name}”`}
      crumbs={[
        { to: routes.structures(), text: 'Structures' },
        { to: routes.structure(structure.id), text: structure.name },
        { to: routes.settings(structure.id), text: 'Synchronization settings' },
      ]}
      lead={`${SYNCHRONIZER_KINDS[kind]} synchronizer. The kind stays; for another one, install another synchronizer.`}
    >
      <div className={styles.body}>
        {unavailableReason && (
          <Notice tone="danger" title="It cannot run as it is">
            {sentence(unavailableReason)} Choose again what is gone, and save.
          </Notice>
        )}
        {isEnabled && (
          <Notice tone="warning" title="Saving disables it">
            It is enabled now. With other settings the two sides may have to be brought together
            first, so saving switches it off. <strong>Resync and Enable</strong> switches it on
            again.
          </Notice>
        )}
        {maySynchronize(structure.viewerAccess) ? (
          <RuleForm
            key={id}
            draftKey={id}
            structureId={structure.id}
            start={{ name, rule }}
            verb={isEnabled ? 'Save and disable' : 'Save'}
            isPending={result.fetching}
            refusals={result.data?.updateSynchronizer.userErrors}
            failure={result.error}
            onCancel={() => navigate(routes.settings(structure.id))}
            onSubmit={async (name, rule) => {
              const { data } = await update({ input: { id, name, settings: toInput(rule) } });
              const changed = data?.updateSynchronizer.synchronizer;
              if (!changed) return false;
              const done: Done = {
                done: isEnabled ? 'changed and disabled' : 'changed',
                id,
                name: changed.name,
              };
              navigate(routes.settings(structure.id), { state: done });
              return true;
            }}
          />
        ) : (
          <>
            <NeedsControl access={structure.viewerAccess} />
            <Panel title="What it does">
              <RuleInWords rule={rule} />
            </Panel>
          </>
        )}
      </div>
    </Page>
  );
}
