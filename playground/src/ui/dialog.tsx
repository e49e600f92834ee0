// Questions that stand in front of the page until they are answered.

import type { ReactNode } from 'react';
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
