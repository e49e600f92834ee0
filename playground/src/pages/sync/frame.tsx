// What the pages of synchronizers show while there is nothing to show.

import type { CombinedError } from 'urql';
import { routes } from '../../app/routes';
import { ButtonLink } from '../../ui/button';
import { Page } from '../../ui/page';
import { Panel } from '../../ui/panel';
import { errorCode, Failure, FeatureHidden, Loading, Missing } from '../../ui/state';

const CRUMBS = [{ to: routes.structures(), text: 'Structures' }];

/** Synchronizers are switched off on the server. */
export function HiddenPage({ title }: { title: string }) {
  return (
    <Page title={title} crumbs={CRUMBS}>
      <Panel flush>
        <FeatureHidden />
      </Panel>
    </Page>
  );
}

interface Props {
  title: string;
  /** What the address names. */
  what: string;
  /** The answer has come, and it is not there. */
  isMissing: boolean;
  error: CombinedError | undefined;
  onRetry: () => void;
}

/** It is on its way, it does not exist, or it could not be asked for. */
export function NotThere({ title, what, isMissing, error, onRetry }: Props) {
  return (
    <Page title={title} crumbs={CRUMBS}>
      <Panel flush>
        {errorCode(error) === 'BAD_ID' || (isMissing && !error) ? (
          <Missing
            what={what}
            actions={<ButtonLink to={routes.structures()}>All structures</ButtonLink>}
          />
        ) : error ? (
          <Failure error={error} onRetry={onRetry} />
        ) : (
          <Loading />
        )}
      </Panel>
    </Page>
  );
}
