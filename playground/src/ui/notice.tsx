// A box that says something worth reading before going on.

import { CircleCheck, Info, OctagonAlert, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './notice.module.css';

const ICONS = { info: Info, good: CircleCheck, warning: TriangleAlert, danger: OctagonAlert };

interface Props {
  tone: keyof typeof ICONS;
  title?: ReactNode;
  children?: ReactNode;
  /** Buttons below the text. */
  actions?: ReactNode;
  /** It came up after an action: screen readers read it at once. */
  alert?: boolean;
}

/** A box with an icon, a title and text. */
export function Notice({ tone, title, children, actions, alert }: Props) {
  const Icon = ICONS[tone];
  return (
    <div className={`${styles.notice} ${styles[tone]}`} role={alert ? 'alert' : undefined}>
      <Icon aria-hidden="true" />
      <div className={styles.body}>
        {title && <strong className={styles.title}>{title}</strong>}
        {children}
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
    </div>
  );
}
