// GraphiQL, set up for this server.

import './workers';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useEffect } from 'react';
import { ConnectionContext, type Connection } from './connection';
import { operations } from './operations';
import { OPERATIONS_PLUGIN } from './operations-panel';

const PLUGINS = [OPERATIONS_PLUGIN, HISTORY_PLUGIN];
const FIRST_QUERY = operations.find(({ name }) => name === 'server-info')?.text;
const NARROW = matchMedia('(max-width: 700px)');

/** The editors, their panes and tabs, on one connection. */
export function Explorer({ connection }: { connection: Connection }) {
  return (
    <ConnectionContext value={connection}>
      {/* Typed headers may hold secrets, so they are not kept, and there is no setting to. */}
      <GraphiQL
        fetcher={connection.fetcher}
        plugins={PLUGINS}
        visiblePlugin={NARROW.matches ? undefined : OPERATIONS_PLUGIN}
        defaultQuery={FIRST_QUERY}
        defaultEditorToolsVisibility="variables"
        shouldPersistHeaders={false}
      >
        <GraphiQL.Logo>
          <></>
        </GraphiQL.Logo>
        <FollowSystemTheme />
      </GraphiQL>
    </ConnectionContext>
  );
}

/** GraphiQL reads the system's theme once; this passes on each change while "System" is set. */
function FollowSystemTheme() {
  const theme = useGraphiQL((state) => state.theme);
  const { setTheme } = useGraphiQLActions();
  useEffect(() => {
    if (theme !== null) return;
    const system = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setTheme(null);
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, [theme, setTheme]);
  return null;
}
