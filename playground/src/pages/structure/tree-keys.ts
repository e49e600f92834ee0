// What keys do in the tree, as the pattern for tree grids has them.

import type { Forest, TreeRow } from './forest';
import type { Step } from './moves';

/** What a key asks for. */
export type KeyAction =
  | { do: 'go'; index: number }
  | { do: 'fold'; row: TreeRow; folded: boolean }
  | { do: 'unfold all' }
  | { do: 'step'; row: TreeRow; step: Step }
  | { do: 'menu' | 'remove'; row: TreeRow }
  | { do: 'undo' | 'escape' };

interface Keys {
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
}

const STEPS: Record<string, Step> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'out',
  ArrowRight: 'in',
};

/** The action of a key; null if it is none of the tree's. */
export function actionOf(
  { key, altKey, ctrlKey, metaKey, shiftKey }: Keys,
  forest: Forest,
  row: TreeRow | undefined,
  page: number,
): KeyAction | null {
  if (ctrlKey || metaKey) return key === 'z' && !shiftKey ? { do: 'undo' } : null;
  if (altKey) {
    const step = STEPS[key];
    return step && row ? { do: 'step', row, step } : null;
  }
  const at = row?.index ?? -1;
  switch (key) {
    case 'ArrowDown':
      return { do: 'go', index: at + 1 };
    case 'ArrowUp':
      return { do: 'go', index: at - 1 };
    case 'PageDown':
      return { do: 'go', index: at + page };
    case 'PageUp':
      return { do: 'go', index: at - page };
    case 'Home':
      return { do: 'go', index: 0 };
    case 'End':
      return { do: 'go', index: Infinity };
    case '*':
      return { do: 'unfold all' };
    case 'Escape':
      return { do: 'escape' };
  }
  if (!row) return null;
  switch (key) {
    case 'ArrowRight':
      if (row.folded) return { do: 'fold', row, folded: false };
      return row.first && { do: 'go', index: row.first.index };
    case 'ArrowLeft':
      if (row.first && !row.folded) return { do: 'fold', row, folded: true };
      return forest.isTop(row) ? null : { do: 'go', index: row.parent.index };
    case 'Delete':
      return { do: 'remove', row };
    case 'F10':
      return shiftKey ? { do: 'menu', row } : null;
    case 'Enter':
    case ' ':
    case 'ContextMenu':
      return { do: 'menu', row };
    default:
      return null;
  }
}
