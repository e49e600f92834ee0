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

/** What is needed, and what the viewer has of it. */
export function NeedsControl({ access }: { access: AccessLevel }) {
  return (
    <Notice tone="info" title="You may look, but not change anything here">
      {access === 'CONTROL' ? (
        <>
          You control the structure. To change and resync its synchronizers also takes the
          permission Control Synchronizers, which an administrator can grant you.
        </>
      ) : (
        <>
          Synchronizers are changed and resynced by people with Control of the structure. You have{' '}
          {LEVELS[access]}. Its owner or an administrator can help.
        </>
      )}
    </Notice>
  );
}
