// The page: a bar on top, below it either the sign-in form or the explorer.

import { useCallback, useEffect, useMemo, useState } from 'react';
import { connect, fetchViewer, type Viewer } from './connection';
import { Explorer } from './explorer';
import { adoptTokenFromAddress, forgetToken, loadToken, saveToken } from './session';
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
        <header className="bar">
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
  const [viewer, setViewer] = useState<Viewer>();

  useEffect(() => {
    // Without an answer the bar only lacks the name; the explorer shows what is wrong.
    fetchViewer(connection).then(setViewer, () => {});
    return () => connection.close();
  }, [connection]);

  return (
    <>
      <header className="bar">
        <Brand />
        {viewer && (
          <span className="viewer" title={`Signed in as ${viewer.name}`}>
            {viewer.name} <small>{viewer.role.toLowerCase()}</small>
          </span>
        )}
        <button type="button" onClick={() => onSignOut('')}>
          Sign out
        </button>
      </header>
      <main className="explorer">
        <Explorer connection={connection} />
      </main>
    </>
  );
}

function Brand() {
  return (
    <span className="brand">
      <img src="./favicon.svg" alt="" width="22" height="22" /> Understory
    </span>
  );
}
