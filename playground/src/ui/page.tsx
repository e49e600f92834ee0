// The frame of a page: where it stands, its title, its actions, its content.

import { useEffect, type ReactNode } from 'react';
import { Link } from 'wouter';
import styles from './page.module.css';

/** A page above this one. */
export interface Crumb {
  to: string;
  text: string;
}

interface Props {
  title: string;
  crumbs?: Crumb[];
  /** A sentence below the title. */
  lead?: ReactNode;
  actions?: ReactNode;
  /** The content takes the whole window and scrolls by itself. */
  wide?: boolean;
  children: ReactNode;
}

/** A page with its title, which the tab of the browser shows as well. */
export function Page({ title, crumbs = [], lead, actions, wide, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Understory`;
  }, [title]);
  return (
    <div className={wide ? `${styles.page} ${styles.wide}` : styles.page}>
      <header className={styles.header}>
        <div className={styles.titles}>
          {crumbs.length > 0 && (
            <nav aria-label="Breadcrumbs">
              <ol className={styles.crumbs}>
                {crumbs.map(({ to, text }) => (
                  <li key={to}>
                    <Link href={to}>{text}</Link>
                  </li>
                ))}
              </ol>
            </nav>
          )}
          <h1 className={styles.title} title={title}>
            {title}
          </h1>
          {lead && <div className={styles.lead}>{lead}</div>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}
