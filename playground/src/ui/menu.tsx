// Menus: a list of things to do, behind a button or beside whatever was pointed at.

import type { ComponentType, ReactNode, RefObject } from 'react';
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover } from 'react-aria-components/Menu';
import { Button, type Look } from './button';
import styles from './menu.module.css';

/** Something to do. */
export interface MenuAction {
  id: string;
  text: string;
  icon?: ComponentType<{ 'aria-hidden': 'true' }>;
  /** The keys that do the same. */
  keys?: string;
  danger?: boolean;
  isDisabled?: boolean;
  onAction: () => void;
}

interface ListProps {
  label: string;
  actions: readonly MenuAction[];
}

function List({ label, actions, onClose }: ListProps & { onClose?: () => void }) {
  return (
    <AriaMenu
      className={styles.menu}
      aria-label={label}
      autoFocus="first"
      {...(onClose && { onClose })}
    >
      {actions.map(({ id, text, icon: Icon, keys, danger, isDisabled, onAction }) => (
        <MenuItem
          key={id}
          id={id}
          textValue={text}
          className={danger ? `${styles.item} ${styles.danger}` : styles.item!}
          isDisabled={isDisabled ?? false}
          onAction={onAction}
        >
          {Icon && <Icon aria-hidden="true" />}
          <span className={styles.text}>{text}</span>
          {keys && <kbd className={styles.keys}>{keys}</kbd>}
        </MenuItem>
      ))}
    </AriaMenu>
  );
}

interface MenuButtonProps extends ListProps {
  look?: Look;
  icon?: boolean;
  small?: boolean;
  children: ReactNode;
}

/** A button that opens a menu; `label` names both unless the button has words. */
export function MenuButton({ label, actions, icon, children, ...shape }: MenuButtonProps) {
  return (
    <MenuTrigger>
      <Button {...shape} icon={icon ?? false} aria-label={icon ? label : undefined}>
        {children}
      </Button>
      <Popover className={styles.popover} placement="bottom end">
        <List label={label} actions={actions} />
      </Popover>
    </MenuTrigger>
  );
}

interface AnchoredMenuProps extends ListProps {
  isOpen: boolean;
  onClose: () => void;
  /** Beside what it stands. */
  anchor: RefObject<Element | null>;
}

/** A menu beside an element, opened by whoever knows when. */
export function AnchoredMenu({ label, actions, isOpen, onClose, anchor }: AnchoredMenuProps) {
  return (
    <Popover
      className={styles.popover}
      placement="bottom end"
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      triggerRef={anchor}
      aria-label={label}
      trigger="MenuTrigger"
    >
      <List label={label} actions={actions} onClose={onClose} />
    </Popover>
  );
}
