// Light, dark, or what the system says. The choice is kept in localStorage and marks the root
// element; `color-scheme` and `light-dark()` in the style sheets do the rest.

import { useSyncExternalStore } from 'react';

/** A choice of colours. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'understory.theme';
const listeners = new Set<() => void>();

function stored(): Theme {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : 'system';
}

/** Marks the root element; called once before the first paint. */
export function applyTheme(): void {
  const theme = stored();
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Keeps a choice and applies it. */
export function chooseTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  applyTheme();
  listeners.forEach((listener) => listener());
}

/** The choice, as it changes. */
export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, stored);
}

const system = matchMedia('(prefers-color-scheme: dark)');

/** Whether the page is dark now, by choice or by the system. */
export function useDark(): boolean {
  const theme = useTheme();
  const dark = useSyncExternalStore(
    (listener) => {
      system.addEventListener('change', listener);
      return () => system.removeEventListener('change', listener);
    },
    () => system.matches,
  );
  return theme === 'system' ? dark : theme === 'dark';
}
