// Installing a synchronizer: first its kind, then its settings.

import { ArrowLeft } from 'lucide-react';
import { useMutation, useQuery } from 'urql';
import { useLocation, useParams } from 'wouter';
import { routes, slug } from '../../app/routes';
import { useMaySynchronize } from '../../app/rights';
import { useSession } from '../../app/session-context';
import { ButtonLink } from '../../ui/button';
import { Page } from '../../ui/page';
import { SYNCHRONIZER_KINDS } from '../../words/words';
import { RuleForm } from './form/rule-form';
import { HiddenPage, NotThere } from './frame';
import { ALL_KINDS } from './kinds';
import { KindCards } from './kind-cards';
import { NeedsControl } from './needs-control';
import type { Done } from './next-step';
import { newRule, toInput } from './rule';
import { InstallSynchronizerDocument, InstallTargetDocument } from './sync.generated';

const TITLE = 'Install synchronizer';

/** The page at `/structures/:id/sync/install`, and below it for each kind. */
export default function InstallPage() {
  const { server } = useSession();
  return server.synchronizersEnabled ? <Install /> : <HiddenPage title={TITLE} />;
}

function Install() {
  const { id, kind: chosen } = useParams<{ id: string; kind?: string }>();
  const [, navigate] = useLocation();
  const maySynchronize = useMaySynchronize();
  const kind = ALL_KINDS.find((kind) => slug(kind) === chosen);
  const [{ data, error }, ask] = useQuery({ query: InstallTargetDocument, variables: { id } });
  const [result, install] = useMutation(InstallSynchronizerDocument);
  const structure = data?.structure;
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

  return (
    <Page
      title={kind ? `${TITLE}: ${SYNCHRONIZER_KINDS[kind]}` : TITLE}
      crumbs={[
        { to: routes.structures(), text: 'Structures' },
        { to: routes.structure(id), text: structure.name },
        { to: routes.settings(id), text: 'Synchronization settings' },
      ]}
      lead={
        kind
          ? 'It is disabled at first, so nothing happens yet.'
          : 'Choose what it keeps in sync. Nothing changes until you resync or enable it.'
      }
      actions={
        kind && (
          <ButtonLink to={routes.install(id)}>
            <ArrowLeft aria-hidden="true" /> Another kind
          </ButtonLink>
        )
      }
    >
      {!maySynchronize(structure.viewerAccess) ? (
        <NeedsControl access={structure.viewerAccess} />
      ) : kind ? (
        <RuleForm
          key={`${id}.${kind}`}
          draftKey={`${id}.${kind}`}
          structureId={id}
          start={{ name: '', rule: newRule(kind) }}
          optionalName
          verb="Install"
          isPending={result.fetching}
          refusals={result.data?.installSynchronizer.userErrors}
          failure={result.error}
          onCancel={() => navigate(routes.settings(id))}
          onSubmit={async (name, rule) => {
            const input = { structureId: id, name: name || null, settings: toInput(rule) };
            const { data } = await install({ input });
            const made = data?.installSynchronizer.synchronizer;
            if (!made) return false;
            const done: Done = { done: 'installed', id: made.id, name: made.name };
            navigate(routes.settings(id), { state: done });
            return true;
          }}
        />
      ) : (
        <KindCards structureId={id} />
      )}
    </Page>
  );
}
