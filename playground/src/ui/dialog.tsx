// Questions that stand in front of the page until they are answered.

import { useEffect, useEffectEvent, type ReactNode } from 'react';
import { Dialog as AriaDialog, Heading } from 'react-aria-components/Dialog';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import styles from './dialog.module.css';

interface Props {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** Neither a press outside nor Escape closes it: its work goes on. */
  strict?: boolean;
  /**
   * A grave question: screen readers interrupt, and a press outside does not answer it. The second
   * press of a double click that opened it falls there.
   */
  alert?: boolean;
  children: ReactNode;
  /** Buttons at its foot: the way back first, the deed last. */
  footer?: ReactNode;
}

/** A dialog that keeps the focus and gives it back. */
export function Dialog({ title, isOpen, onClose, strict, alert, children, footer }: Props) {
  const close = useEffectEvent(onClose);
  const listens = isOpen && !strict;
  // A press outside takes the focus away until the next frame; Escape in between is meant for the
  // dialog as well.
  useEffect(() => {
    if (!listens) return;
    const hear = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && event.target === document.body) close();
    };
    document.addEventListener('keydown', hear);
    return () => document.removeEventListener('keydown', hear);
  }, [listens]);
  return (
    <ModalOverlay
      className={styles.overlay}
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!strict && !alert}
      isKeyboardDismissDisabled={strict}
    >
      <Modal className={styles.modal}>
        <AriaDialog className={styles.dialog} role={alert ? 'alertdialog' : 'dialog'}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
          {footer && <div className={styles.footer}>{footer}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
