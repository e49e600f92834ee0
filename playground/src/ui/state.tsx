// What stands where content will be, is not, or cannot be.

import { CloudOff, EyeOff, Lock, ServerCrash } from 'lucide-react';
import type { ComponentType, ReactNode } from 'react';
import type { CombinedError } from 'urql';
import { Button } from './button';
import styles from './state.module.css';

interface StateProps {
  icon: ComponentType<{ 'aria-hidden': 'true' }>;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  alert?: boolean;
}

/** Nothing is here, and why, and what to do about it. */
export function Empty({ icon: Icon, title, children, actions, alert }: StateProps) {
  return (
    <div className={styles.state} role={alert ? 'alert' : undefined}>
      <Icon aria-hidden="true" />
      <h2>{title}</h2>
      {children && <div className={styles.text}>{children}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}

/** Content is on its way: grey bars in its place. */
export function Loading({ lines = 5, label = 'Loading' }: { lines?: number; label?: string }) {
  return (
    <div className={styles.bones} role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, index) => (
        <div
          key={index}
          className={styles.bone}
          style={{ width: `${92 - ((index * 17) % 45)}%` }}
        />
      ))}
    </div>
  );
}

/** The code of the first error of an answer. */
export function errorCode(error: CombinedError | undefined): string | undefined {
  const code = error?.graphQLErrors[0]?.extensions['code'];
  return typeof code === 'string' ? code : undefined;
}

interface FailureProps {
  error: CombinedError;
  onRetry?: () => void;
}

/** An answer that did not come, in the words that fit its reason. */
export function Failure({ error, onRetry }: FailureProps) {
  const retry = onRetry && <Button onPress={onRetry}>Try again</Button>;
  const message = error.graphQLErrors[0]?.message;
  if (error.networkError) {
    return (
      <Empty icon={CloudOff} title="The server cannot be reached" actions={retry} alert>
        What you see may be old. Nothing that you sent before was lost; try again when the server or
        your network is back.
      </Empty>
    );
  }
  switch (errorCode(error)) {
    case 'FORBIDDEN':
      return (
        <Empty icon={Lock} title="You may not do this" actions={retry} alert>
          {message}
        </Empty>
      );
    case 'FEATURE_DISABLED':
      return <FeatureHidden />;
    default:
      return (
        <Empty icon={ServerCrash} title="That did not work" actions={retry} alert>
          {message ?? error.message}
        </Empty>
      );
  }
}

/** Synchronizers are switched off on the server. */
export function FeatureHidden() {
  return (
    <Empty icon={EyeOff} title="Synchronizers are switched off">
      This server hides synchronizers. Whoever runs it can switch them on with{' '}
      <code>understory serve --enable synchronizers</code>.
    </Empty>
  );
}

/** What an address names is not there, or not for the viewer. */
export function Missing({ what, actions }: { what: string; actions?: ReactNode }) {
  return (
    <Empty icon={EyeOff} title={`There is no such ${what}`} actions={actions}>
      It does not exist, was deleted, or you may not see it.
    </Empty>
  );
}
