// Moving rows: one move after the other, each undone as easily as it was made. The tree shows what
// the server says; a refusal leaves it as it is.

import { useCallback, useRef, useState } from 'react';
import { useClient } from 'urql';
import { failureText } from '../../ui/problems';
import { complain, tell } from '../../ui/toast';
import type { TreeRow } from './forest';
import type { LiveRows } from './live-rows';
import { MovedToast } from './moved-toast';
import { nameOf, positionOf, standsAt, stepFrom, whereIs, type Position, type Step } from './moves';
import { MoveRowsDocument } from './structure.generated';
import { UndoStack, type Move } from './undo-stack';

/** What became of a request to move a row. */
type Outcome =
  /** The row stands there now, or did already. */
  | 'there'
  | 'refused'
  /** Nobody knows: the answer did not come. */
  | 'unknown';

const MOST_WAITING = 20;

/** How to move rows; `say` is told where a row went. */
export function useMoves(rows: LiveRows, say: (text: string) => void) {
  const client = useClient();
  const [stack] = useState(() => new UndoStack());
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  const waiting = useRef(0);

  /** Runs after all that was asked for before: it sees the tree as those have left it. */
  const inTurn = useCallback(<Result,>(run: () => Promise<Result>): Promise<Result> => {
    waiting.current += 1;
    const turn = queue.current.then(run, run).finally(() => (waiting.current -= 1));
    queue.current = turn;
    return turn;
  }, []);

  const send = useCallback(
    async (row: TreeRow, position: Position): Promise<Outcome> => {
      const { data, error } = await client
        .mutation(MoveRowsDocument, {
          input: {
            structureId: rows.structureId,
            rowIds: [row.id],
            position,
            expectedVersion: rows.version,
          },
        })
        .toPromise();
      const refusal = data?.moveRows.userErrors[0];
      if (error || refusal) {
        const why = error ? failureText(error) : refusal?.message;
        complain(`${nameOf(row.item)} was not moved. ${why}`);
        return error ? 'unknown' : 'refused';
      }
      await rows.reach(data?.moveRows.structure?.version ?? 0);
      return 'there';
    },
    [client, rows],
  );

  /** Moves a row that stands elsewhere and keeps that for undoing; null if it was not moved. */
  const make = useCallback(
    async (row: TreeRow, position: Position): Promise<Move | null> => {
      if (standsAt(row, position)) return null;
      const made = { rowId: row.id, from: positionOf(row) };
      if ((await send(row, position)) !== 'there') return null;
      stack.push(made);
      return made;
    },
    [send, stack],
  );

  /** Puts a row back to where it was moved from: that of the last move, if none is named. */
  const undo = useCallback(
    (named?: Move) =>
      inTurn(async () => {
        const made = named ?? stack.last;
        if (!made) return say('There is no move to undo.');
        if (stack.stateOf(made) !== 'kept') return;
        const row = rows.forest.find(made.rowId);
        if (!row) {
          stack.settle(made, false);
          return say('The row that was moved is not there any more.');
        }
        const outcome = standsAt(row, made.from) ? 'there' : await send(row, made.from);
        if (outcome === 'unknown') return;
        stack.settle(made, outcome === 'there');
        if (outcome === 'there') say(`${nameOf(row.item)} is back: ${whereIs(rows.forest, row)}.`);
      }),
    [inTurn, rows, say, send, stack],
  );

  /** Moves a row by a step from where it stands by then, and says so; whether it was moved. */
  const step = useCallback(
    async (id: string, to: Step) => {
      // A key that is held down asks faster than rows can move.
      if (waiting.current >= MOST_WAITING) return false;
      return inTurn(async () => {
        const row = rows.forest.find(id);
        if (!row) return false;
        const position = stepFrom(rows.forest, row, to);
        if (!position) {
          say(`${nameOf(row.item)} cannot go further that way.`);
          return false;
        }
        if (!(await make(row, position))) return false;
        say(`${nameOf(row.item)} is now ${whereIs(rows.forest, row)}.`);
        return true;
      });
    },
    [inTurn, make, rows, say],
  );

  /** Moves a row and offers to undo that; whether it was moved. */
  const move = useCallback(
    (id: string, position: Position) =>
      inTurn(async () => {
        const row = rows.forest.find(id);
        const made = row && (await make(row, position));
        if (!made) return false;
        tell(
          <MovedToast
            name={nameOf(row.item)}
            place={whereIs(rows.forest, row)}
            move={made}
            stack={stack}
            onUndo={() => void undo(made)}
          />,
        );
        return true;
      }),
    [inTurn, make, rows, stack, undo],
  );

  return { step, move, undo };
}
