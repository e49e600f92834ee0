// What to do after a synchronizer was installed or changed: the form leads back to the settings
// page, which says so once.

import { useState } from 'react';
import { routes } from '../../app/routes';
import { ButtonLink } from '../../ui/button';
import { Notice } from '../../ui/notice';

/** What was done, to which synchronizer; it travels with the history entry of the page. */
export interface Done {
  done: 'installed' | 'changed' | 'changed and disabled';
  id: string;
  name: string;
}

/** What was done just before this page was come to. */
export function useDone(): Done | null {
  const [done] = useState(() => {
    const state = history.state as Partial<Done> | null;
    return state?.done ? (state as Done) : null;
  });
  return done;
}

/** Says what was done, and what comes next. */
export function NextStep({ done, id, name }: Done) {
  return (
    <Notice
      tone="good"
      title={`“${name}” is ${done}.`}
      alert
      actions={
        <ButtonLink to={routes.resync(id, true)} look="primary" small>
          Resync and Enable
        </ButtonLink>
      }
    >
      It does nothing while it is disabled. <strong>Resync and Enable</strong> brings both sides
      together, once you have seen what would change, and keeps them so.
    </Notice>
  );
}
