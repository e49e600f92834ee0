// GraphiQL, set up for this server.

import './workers';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './explorer.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useMemo } from 'react';
import { endpoint, type Connection } from '../app/connection';
import { useDark } from '../app/theme';
import { ConnectionContext } from './connection-context';
import { operations } from './operations';
import { OPERATIONS_PLUGIN } from './operations-panel';

const PLUGINS = [OPERATIONS_PLUGIN, HISTORY_PLUGIN];
const FIRST_QUERY = operations.find(({ name }) => name === 'server-info')?.text;
const NARROW = matchMedia('(max-width: 700px)');

/** The editors, their panes and tabs, on one connection. */
export function Explorer({ connection }: { connection: Connection }) {
  const theme = useDark() ? 'dark' : 'light';
  const fetcher = useMemo(
    () =>
      createGraphiQLFetcher({
        url: endpoint.href,
        fetch: connection.send,
        wsClient: connection.socket,
        enableIncrementalDelivery: false,
      }),
    [connection],
  );
  return (
    <ConnectionContext value={connection}>
      {/* Typed headers may hold secrets, so they are not kept, and there is no setting to. */}
      <GraphiQL
        fetcher={fetcher}
        forcedTheme={theme}
        plugins={PLUGINS}
        visiblePlugin={NARROW.matches ? undefined : OPERATIONS_PLUGIN}
        defaultQuery={FIRST_QUERY}
        defaultEditorToolsVisibility="variables"
        shouldPersistHeaders={false}
      >
        <GraphiQL.Logo>
          <></>
        </GraphiQL.Logo>
      </GraphiQL>
    </ConnectionContext>
  );
}
