// What every page may ask about the session: who is signed in, what the server has switched on,
// and the connection.

import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Connection, Link } from './connection';
import type { PermissionsQuery, SessionQuery } from './session.generated';

/** A signed-in session. */
export interface Session {
  connection: Connection;
  /** Without permissions where the server hides what they are about. */
  viewer: SessionQuery['viewer'] & Partial<PermissionsQuery['viewer']>;
  server: SessionQuery['serverInfo'];
  signOut: () => void;
}

/** Holds the session below the shell. */
export const SessionContext = createContext<Session | null>(null);

/** The session around this component. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession needs a session around it.');
  return session;
}

/** Whether the live connection stands, as it changes. */
export function useLink(): Link {
  const { connection } = useSession();
  return useSyncExternalStore(connection.onLink, connection.link);
}
