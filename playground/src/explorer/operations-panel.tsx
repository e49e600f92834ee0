// The "Operations" pane of the explorer: the examples by kind; choosing one opens it in a tab.

import { useGraphiQL, useGraphiQLActions, type GraphiQLPlugin } from '@graphiql/react';
import { parse, validate } from 'graphql';
import { useMemo, useState } from 'react';
import { useConnection } from './connection-context';
import { operations, type Operation } from './operations';
import { fillPlaceholders } from './placeholders';

const GROUPS: { kind: Operation['kind']; heading: string }[] = [
  { kind: 'query', heading: 'Look' },
  { kind: 'mutation', heading: 'Change' },
  { kind: 'subscription', heading: 'Watch live' },
];

/** Below this width the pane covers the editors, so it closes once it has served. */
const NARROW = matchMedia('(max-width: 700px)');

/** The pane, as GraphiQL takes it. */
export const OPERATIONS_PLUGIN: GraphiQLPlugin = {
  title: 'Operations',
  icon: OperationsIcon,
  content: OperationsPanel,
};

function OperationsPanel() {
  const { open, ready } = useOpenOperation();
  const known = useKnownOperations();
  const [notice, setNotice] = useState('');

  async function choose(operation: Operation) {
    const missing = await open(operation);
    setNotice(
      missing.length === 0
        ? ''
        : `Nothing found on this server for ${missing.join(', ')}: fill in the variables yourself.`,
    );
  }

  return (
    <section className="operations" aria-label="Operations">
      <h2>Operations</h2>
      <p>Ready-made examples. Each opens in a new tab with its variables filled in.</p>
      <p role="status" className="operations-notice">
        {notice}
      </p>
      {GROUPS.map(({ kind, heading }) => (
        <div key={kind}>
          <h3>{heading}</h3>
          <ul>
            {known
              .filter((operation) => operation.kind === kind)
              .map((operation) => (
                <li key={operation.name}>
                  <button
                    type="button"
                    data-operation={operation.name}
                    disabled={!ready}
                    onClick={() => void choose(operation)}
                  >
                    <strong>{operation.title}</strong>
                    <span>{operation.description}</span>
                  </button>
                </li>
              ))}
          </ul>
        </div>
      ))}
      <p>
        <a href="./licenses.md">Licences of the libraries on this page</a>
      </p>
    </section>
  );
}

/** The examples that the schema of this server has a use for: all, until it has come. */
function useKnownOperations(): Operation[] {
  const schema = useGraphiQL((state) => state.schema);
  return useMemo(
    () =>
      schema
        ? operations.filter(({ text }) => validate(schema, parse(text)).length === 0)
        : operations,
    [schema],
  );
}

/**
 * `open` opens an operation in a new tab, and tells the placeholders that found nothing; it needs
 * the editors, which come after this pane.
 */
function useOpenOperation() {
  const connection = useConnection();
  const { addTab, setVisiblePlugin, stop } = useGraphiQLActions();
  const { queryEditor, variableEditor } = useGraphiQL((state) => ({
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
  }));

  const open = async (operation: Operation): Promise<string[]> => {
    const { variables, missing } = await fillPlaceholders(operation.variables, connection);
    // A subscription of the tab that is left would go on writing into the new tab's response.
    stop();
    addTab();
    queryEditor?.setValue(operation.text);
    variableEditor?.setValue(variables);
    if (NARROW.matches && missing.length === 0) setVisiblePlugin(null);
    return missing;
  };
  return { open, ready: queryEditor !== undefined && variableEditor !== undefined };
}

function OperationsIcon() {
  return (
    <svg viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d="M8 4.5h9M8 10h9M8 15.5h9" strokeLinecap="round" />
      <path
        d="M2.5 3l3 1.5-3 1.5zM2.5 8.5l3 1.5-3 1.5zM2.5 14l3 1.5-3 1.5z"
        strokeLinejoin="round"
      />
    </svg>
  );
}
