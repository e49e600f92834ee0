// Short messages at the edge of the page: what became of an action. They go by themselves, unless
// something went wrong.

import { X } from 'lucide-react';
import { useEffect, useSyncExternalStore, type ReactNode } from 'react';
import { Button } from './button';
import styles from './toast.module.css';

interface Toast {
  id: number;
  text: ReactNode;
  danger: boolean;
}

const SHOWN_FOR = 6_000;
const MOST = 3;
let toasts: readonly Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function set(next: readonly Toast[]) {
  toasts = next;
  listeners.forEach((listener) => listener());
}

function dismiss(id: number) {
  set(toasts.filter((toast) => toast.id !== id));
}

/** Says that something worked. */
export function tell(text: ReactNode): void {
  set([...toasts, { id: ++last, text, danger: false }].slice(-MOST));
}

/** Says that something did not work; stays until it is closed. */
export function complain(text: ReactNode): void {
  set([...toasts, { id: ++last, text, danger: true }].slice(-MOST));
}

/** Where the messages appear. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <section className={styles.region} aria-label="Messages" aria-live="polite">
      {shown.map((toast) => (
        <OneToast key={toast.id} toast={toast} />
      ))}
    </section>
  );
}

function OneToast({ toast }: { toast: Toast }) {
  useEffect(() => {
    if (toast.danger) return;
    const timer = setTimeout(dismiss, SHOWN_FOR, toast.id);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <div className={toast.danger ? `${styles.toast} ${styles.danger}` : styles.toast}>
      <div className={styles.text} role={toast.danger ? 'alert' : undefined}>
        {toast.text}
      </div>
      <Button
        look="quiet"
        small
        icon
        aria-label="Close the message"
        onPress={() => dismiss(toast.id)}
      >
        <X aria-hidden="true" />
      </Button>
    </div>
  );
}
