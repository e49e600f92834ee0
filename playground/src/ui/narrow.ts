// Whether the window is as narrow as a telephone, for what style sheets cannot decide alone.

import { useSyncExternalStore } from 'react';

const narrow = matchMedia('(max-width: 700px)');

function listen(listener: () => void) {
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
}

/** Whether it is, as it changes. */
export function useNarrow(): boolean {
  return useSyncExternalStore(listen, () => narrow.matches);
}
