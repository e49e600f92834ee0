// The moves that can be undone, the last one first. Only so many are kept: nobody steps back
// further, and each names places that may be gone by then.

import type { Position } from './moves';

/** A move that was made. */
export interface Move {
  readonly rowId: string;
  readonly from: Position;
}

/** What has become of a move. */
export type MoveState =
  /** It can be undone. */
  | 'kept'
  | 'undone'
  /** It stays as it is: it is too long ago, or could not be undone. */
  | 'final';

const KEPT_AT_MOST = 50;

/** The moves of one page. */
export class UndoStack {
  private moves: Move[] = [];
  private readonly undone = new WeakSet<Move>();
  private readonly listeners = new Set<() => void>();

  /** For `useSyncExternalStore`. */
  readonly listen = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  /** The last move that can be undone. */
  get last(): Move | undefined {
    return this.moves.at(-1);
  }

  stateOf(move: Move): MoveState {
    if (this.undone.has(move)) return 'undone';
    return this.moves.includes(move) ? 'kept' : 'final';
  }

  push(move: Move): void {
    this.moves = [...this.moves, move].slice(-KEPT_AT_MOST);
    this.tell();
  }

  /** Takes a move out, once it was tried to undo it. */
  settle(move: Move, undone: boolean): void {
    this.moves = this.moves.filter((kept) => kept !== move);
    if (undone) this.undone.add(move);
    this.tell();
  }

  private tell(): void {
    this.listeners.forEach((listener) => listener());
  }
}
