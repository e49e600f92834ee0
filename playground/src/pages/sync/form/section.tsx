// A part of a form that belongs together.

import { useId, type ReactNode } from 'react';
import styles from './form.module.css';

/** Fields, mostly below a heading. */
export function Section({ title, children }: { title?: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className={styles.section} aria-labelledby={title ? id : undefined}>
      {title && <h2 id={id}>{title}</h2>}
      <div className={styles.fields}>{children}</div>
    </section>
  );
}
