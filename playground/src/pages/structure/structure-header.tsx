// The head of the page: what the structure is, what keeps it in sync, and what can be done with it.

import { EllipsisVertical, History, Pencil, Plus, RefreshCw, Trash2 } from 'lucide-react';
import { Link } from 'wouter';
import { routes } from '../../app/routes';
import { useSession } from '../../app/session-context';
import { SynchronizerBadge } from '../../ui/badge';
import { Button, ButtonLink } from '../../ui/button';
import { MenuButton } from '../../ui/menu';
import { useNarrow } from '../../ui/narrow';
import { SYNCHRONIZER_KINDS, SYNCHRONIZER_STATES } from '../../words/words';
import type { SynchronizerState } from '../../gql/schema';
import type { Structure } from './manage-structure';
import styles from './structure-page.module.css';

/** What the structure is for, whose it is, and what keeps it in sync. */
export function Facts({ structure }: { structure: Structure }) {
  const { server } = useSession();
  const narrow = useNarrow();
  const { description, owner, synchronizers } = structure;
  return (
    <>
      {description && <p className={styles.description}>{description}</p>}
      <ul className={styles.facts}>
        <li>Owner: {owner?.name ?? 'nobody'}</li>
        {narrow && synchronizers && synchronizers.length > 1 ? (
          <li>{inShort(synchronizers)}</li>
        ) : (
          synchronizers?.map(({ id, name, kind, state }) => (
            <li key={id} title={name}>
              {SYNCHRONIZER_KINDS[kind]} <SynchronizerBadge state={state} />
            </li>
          ))
        )}
        {server.synchronizersEnabled && synchronizers?.length === 0 && (
          <li>
            In sync with nothing yet ·{' '}
            <Link href={routes.settings(structure.id)}>install a synchronizer</Link>
          </li>
        )}
      </ul>
    </>
  );
}

/** `Synchronizers: 2 enabled, 1 disabled`. */
function inShort(synchronizers: NonNullable<Structure['synchronizers']>): string {
  const states = new Map<SynchronizerState, number>();
  for (const { state } of synchronizers) states.set(state, (states.get(state) ?? 0) + 1);
  const parts = [...states].map(
    ([state, number]) => `${number} ${SYNCHRONIZER_STATES[state].toLowerCase()}`,
  );
  return `Synchronizers: ${parts.join(', ')}`;
}

interface Props {
  structure: Structure;
  canAdd: boolean;
  onAdd: () => void;
  showHistory: boolean;
  onHistory: () => void;
  onEdit: () => void;
  onDelete: () => void;
}

/** The buttons beside the title. */
export function HeaderActions(props: Props) {
  const { structure, canAdd, showHistory } = props;
  const { server } = useSession();
  return (
    <>
      {structure.viewerAccess !== 'VIEW' && (
        <Button look="primary" isDisabled={!canAdd} onPress={props.onAdd}>
          <Plus aria-hidden="true" /> Add rows
        </Button>
      )}
      {server.synchronizersEnabled && (
        <ButtonLink to={routes.settings(structure.id)} aria-label="Sync settings">
          <RefreshCw aria-hidden="true" /> <span className={styles.wideOnly}>Sync settings</span>
        </ButtonLink>
      )}
      <Button aria-label="History" aria-expanded={showHistory} onPress={props.onHistory}>
        <History aria-hidden="true" /> <span className={styles.wideOnly}>History</span>
      </Button>
      {structure.viewerAccess === 'CONTROL' && (
        <MenuButton
          icon
          label="More"
          actions={[
            {
              id: 'edit',
              text: 'Edit name and description…',
              icon: Pencil,
              onAction: props.onEdit,
            },
            {
              id: 'delete',
              text: 'Delete structure…',
              icon: Trash2,
              danger: true,
              onAction: props.onDelete,
            },
          ]}
        >
          <EllipsisVertical aria-hidden="true" />
        </MenuButton>
      )}
    </>
  );
}
