// The form that asks for a token.

import { useId, useState, type FormEvent } from 'react';
import { connect, Refused } from './connection';
import styles from './sign-in.module.css';

interface Props {
  /** Why the form is shown again; empty at first. */
  message: string;
  onToken: (token: string) => void;
}

/** Asks for a token, and tries it before it is taken. */
export function SignIn({ message, onToken }: Props) {
  const id = useId();
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState(message);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const candidate = token.trim();
    if (!candidate) return setProblem('Paste a token first.');
    setBusy(true);
    const connection = connect(candidate, () => {});
    try {
      await connection.request('{ viewer { id } }');
      onToken(candidate);
    } catch (error) {
      setProblem(
        error instanceof Refused
          ? 'The server did not accept this token. It may have expired or been revoked.'
          : `The server could not be asked: ${(error as Error).message}`,
      );
      setBusy(false);
    } finally {
      connection.close();
    }
  }

  return (
    <main className={styles.page}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <h1>Sign in</h1>
        <p role="alert" id={`${id}-problem`} className={styles.problem}>
          {problem}
        </p>
        <label htmlFor={`${id}-token`}>Access token</label>
        <input
          id={`${id}-token`}
          type="password"
          autoComplete="off"
          spellCheck={false}
          autoFocus
          value={token}
          onChange={(event) => setToken(event.target.value)}
          aria-invalid={problem !== ''}
          aria-describedby={`${id}-problem ${id}-help`}
        />
        <div id={`${id}-help`} className={styles.help}>
          <p>Make one where the server runs; it is printed once:</p>
          <pre>
            <code>understory token create --user NAME --role admin</code>
          </pre>
          <p>It is kept for this browser tab only.</p>
        </div>
        <button className={styles.submit} type="submit" disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
