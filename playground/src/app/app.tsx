// The whole page: the sign-in form, or the shell around the pages.

import { useCallback, useEffect, useMemo, useState } from 'react';
import { Provider, useQuery } from 'urql';
import { Router } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { Failure, Loading } from '../ui/state';
import { connect, type Connection } from './connection';
import { SessionContext } from './session-context';
import { PermissionsDocument, SessionDocument } from './session.generated';
import { adoptTokenFromAddress, forgetToken, loadToken, saveToken } from './session';
import { Brand, Shell } from './shell';
import styles from './shell.module.css';
import { SignIn } from './sign-in';

/** The whole page. */
export function App() {
  const [token, setToken] = useState(loadToken);
  const [message, setMessage] = useState('');

  const signOut = useCallback((why: string) => {
    forgetToken();
    setToken(null);
    setMessage(why);
  }, []);

  // A link with a token that is opened in this tab changes only the fragment: no reload comes.
  useEffect(() => {
    const adopt = () => {
      if (adoptTokenFromAddress()) setToken(loadToken());
    };
    addEventListener('hashchange', adopt);
    return () => removeEventListener('hashchange', adopt);
  }, []);

  if (token === null) {
    const signIn = (accepted: string) => {
      saveToken(accepted);
      setToken(accepted);
    };
    return (
      <>
        <header className={styles.bar}>
          <Brand />
        </header>
        <SignIn message={message} onToken={signIn} />
      </>
    );
  }
  return <SignedIn key={token} token={token} onSignOut={signOut} />;
}

interface SignedInProps {
  token: string;
  onSignOut: (why: string) => void;
}

function SignedIn({ token, onSignOut }: SignedInProps) {
  const connection = useMemo(
    () =>
      connect(token, () =>
        onSignOut('The server no longer accepts your token: it has expired or been revoked.'),
      ),
    [token, onSignOut],
  );
  useEffect(() => () => connection.close(), [connection]);
  return (
    <Provider value={connection.client}>
      <Router hook={useHashLocation}>
        <WithSession connection={connection} onSignOut={onSignOut} />
      </Router>
    </Provider>
  );
}

interface WithSessionProps {
  connection: Connection;
  onSignOut: (why: string) => void;
}

/** Asks who is signed in, what is switched on and who may use that, before any page. */
function WithSession({ connection, onSignOut }: WithSessionProps) {
  const [{ data, error: unknown }, askAgain] = useQuery({ query: SessionDocument });
  const hidden = data?.serverInfo.synchronizersEnabled === false;
  const [{ data: permissions, error: undecided }, askPermissions] = useQuery({
    query: PermissionsDocument,
    pause: !data || hidden,
  });
  const error = unknown ?? undecided;
  const ask = unknown ? askAgain : askPermissions;
  const session = useMemo(
    () =>
      data &&
      (hidden || permissions) && {
        connection,
        viewer: { ...data.viewer, ...permissions?.viewer },
        server: data.serverInfo,
        signOut: () => onSignOut(''),
      },
    [data, hidden, permissions, connection, onSignOut],
  );
  if (session) {
    return (
      <SessionContext value={session}>
        <Shell />
      </SessionContext>
    );
  }
  return (
    <>
      <header className={styles.bar}>
        <Brand />
      </header>
      <main>
        {error ? (
          <Failure error={error} onRetry={() => ask({ requestPolicy: 'network-only' })} />
        ) : (
          <Loading />
        )}
      </main>
    </>
  );
}
