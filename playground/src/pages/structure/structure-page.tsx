// One structure: its hierarchy, live, with what keeps it in sync and what it was before.

import { useParams } from 'wouter';
import { useQuery } from 'urql';
import { routes } from '../../app/routes';
import { useSession } from '../../app/session-context';
import { ButtonLink } from '../../ui/button';
import { Page } from '../../ui/page';
import { errorCode, Failure, Loading, Missing } from '../../ui/state';
import { StructureDocument } from './structure.generated';
import { StructureView } from './structure-view';

/** The page at `/structures/:id`. */
export default function StructurePage() {
  const { id = '' } = useParams<{ id: string }>();
  return <OneStructure key={id} id={id} />;
}

function OneStructure({ id }: { id: string }) {
  const { server } = useSession();
  const [{ data, error }, ask] = useQuery({
    query: StructureDocument,
    variables: { id, synchronizers: server.synchronizersEnabled },
    requestPolicy: 'cache-and-network',
  });
  if (data?.structure) return <StructureView structure={data.structure} />;
  return (
    <Page title="Structure" crumbs={[{ to: routes.structures(), text: 'Structures' }]}>
      {error && errorCode(error) !== 'BAD_ID' ? (
        <Failure error={error} onRetry={() => ask({ requestPolicy: 'network-only' })} />
      ) : data || error ? (
        <Missing
          what="structure"
          actions={<ButtonLink to={routes.structures()}>All structures</ButtonLink>}
        />
      ) : (
        <Loading lines={8} label="Loading the structure" />
      )}
    </Page>
  );
}
