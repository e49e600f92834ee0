// A sheet of content with an optional heading.

import { useId, type ReactNode } from 'react';
import styles from './panel.module.css';

interface Props {
  title?: string;
  /** At the right end of the heading. */
  actions?: ReactNode;
  /** The content brings its own padding, as tables do. */
  flush?: boolean;
  children: ReactNode;
}

/** A bordered sheet; with a title it is a named region. */
export function Panel({ title, actions, flush, children }: Props) {
  const id = useId();
  return (
    <section className={styles.panel} aria-labelledby={title ? id : undefined}>
      {title && (
        <div className={styles.head}>
          <h2 id={id}>{title}</h2>
          {actions}
        </div>
      )}
      <div className={flush ? undefined : styles.body}>{children}</div>
    </section>
  );
}
