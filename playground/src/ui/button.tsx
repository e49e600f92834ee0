// Buttons, and links that look like them.

import type { ReactNode } from 'react';
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
} from 'react-aria-components/Button';
import { Link } from 'wouter';
import styles from './button.module.css';

/** How much a button asks for attention. */
export type Look = 'primary' | 'danger' | 'quiet' | 'plain';

interface Shape {
  look?: Look;
  small?: boolean;
  /** Only an icon stands in it; `aria-label` says what it does. */
  icon?: boolean;
}

function className({ look = 'plain', small, icon }: Shape) {
  return [
    styles.button,
    look !== 'plain' && styles[look],
    small && styles.small,
    icon && styles.icon,
  ]
    .filter(Boolean)
    .join(' ');
}

interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children'>, Shape {
  children: ReactNode;
}

/** A button; `isPending` shows that its work goes on and takes no second press. */
export function Button({ look, small, icon, isPending, children, ...props }: ButtonProps) {
  // The library would announce the end of the work by naming the button, which may be gone by then.
  const pending = isPending && {
    type: 'button' as const,
    onPress: () => {},
    'aria-disabled': true,
  };
  return (
    <AriaButton {...props} {...pending} className={className({ look, small, icon })}>
      {isPending && <span className={styles.spinner} aria-hidden="true" />}
      {children}
    </AriaButton>
  );
}

interface ButtonLinkProps extends Shape {
  to: string;
  children: ReactNode;
  'aria-label'?: string;
}

/** A link to another page, in the shape of a button. */
export function ButtonLink({ to, look, small, icon, children, ...rest }: ButtonLinkProps) {
  return (
    <Link href={to} className={className({ look, small, icon })} {...rest}>
      {children}
    </Link>
  );
}
