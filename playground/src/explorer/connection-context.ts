// The connection of the explorer, for the panes that plug into it.

import { createContext, useContext } from 'react';
import type { Connection } from '../app/connection';

/** The connection that the components below the explorer use. */
export const ConnectionContext = createContext<Connection | null>(null);

/** The connection of the explorer around this component. */
export function useConnection(): Connection {
  const connection = useContext(ConnectionContext);
  if (!connection) throw new Error('useConnection needs an explorer around it.');
  return connection;
}
