// What the pages of jobs show where the server hides synchronizers, and jobs with them.

import { Page } from '../../ui/page';
import { Panel } from '../../ui/panel';
import { FeatureHidden } from '../../ui/state';

/** Synchronizers are switched off on the server. */
export function HiddenPage() {
  return (
    <Page title="Background processes">
      <Panel flush>
        <FeatureHidden />
      </Panel>
    </Page>
  );
}
