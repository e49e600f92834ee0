// Why one may look at synchronizers and not change them.

import type { AccessLevel } from '../../gql/schema';
import { Notice } from '../../ui/notice';

const LEVELS: Record<AccessLevel, string> = {
  NONE: 'no access',
  VIEW: 'View',
  EDIT: 'Edit',
  AUTOMATE: 'Automate',
  CONTROL: 'Control',
};

/** Which level is needed, and which the viewer has. */
export function NeedsControl({ access }: { access: AccessLevel }) {
  return (
    <Notice tone="info" title="You may look, but not change anything here">
      Synchronizers are changed and resynced by people with Control of the structure. You have{' '}
      {LEVELS[access]}. Its owner or an administrator can help.
    </Notice>
  );
}
