// The message that a row was moved. It offers to undo that for as long as it can be undone.

import { useSyncExternalStore } from 'react';
import { Button } from '../../ui/button';
import styles from './structure-page.module.css';
import type { Move, UndoStack } from './undo-stack';

interface Props {
  name: string;
  /** Where the row went, in words. */
  place: string;
  move: Move;
  stack: UndoStack;
  onUndo: () => void;
}

/** Says where a row went, or that it is back. */
export function MovedToast({ name, place, move, stack, onUndo }: Props) {
  const state = useSyncExternalStore(stack.listen, () => stack.stateOf(move));
  if (state === 'undone') return <>Put back {name}.</>;
  return (
    <span className={styles.undo}>
      <span>
        Moved {name}: {place}.
      </span>
      {state === 'kept' && (
        <Button small onPress={onUndo}>
          Undo
        </Button>
      )}
    </span>
  );
}
