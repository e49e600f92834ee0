// What the viewer may do, where that takes more than a level of access to a structure.

import type { AccessLevel } from '../gql/schema';
import { useSession } from './session-context';

/** Whether the viewer may change and run the synchronizers of a structure, by the access to it. */
export function useMaySynchronize(): (access: AccessLevel) => boolean {
  const { viewer } = useSession();
  const permitted = viewer.globalPermissions?.includes('CONTROL_SYNCHRONIZERS') ?? false;
  return (access) => permitted && access === 'CONTROL';
}
