// Moving rows: one move at a time, each undone as easily as it was made. The tree shows what the
// server says; a refusal leaves it as it is.

import { useCallback, useRef } from 'react';
import { useClient } from 'urql';
import { Button } from '../../ui/button';
import { failureText } from '../../ui/problems';
import { complain, tell } from '../../ui/toast';
import type { TreeRow } from './forest';
import type { LiveRows } from './live-rows';
import { nameOf, positionOf, standsAt, whereIs, type Position } from './moves';
import styles from './structure-page.module.css';
import { MoveRowsDocument } from './structure.generated';

interface Moved {
  row: TreeRow;
  from: Position;
}

/** How to move rows; `say` is told where a row went. */
export function useMoves(rows: LiveRows, say: (text: string) => void) {
  const client = useClient();
  const busy = useRef(false);
  const last = useRef<Moved | null>(null);

  /** Moves a row: from where, or null if it was not moved. */
  const send = useCallback(
    async (row: TreeRow, position: Position): Promise<Moved | null> => {
      if (busy.current || standsAt(row, position)) return null;
      busy.current = true;
      const from = positionOf(row);
      try {
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
          return null;
        }
        await rows.reach(data?.moveRows.structure?.version ?? 0);
        last.current = { row, from };
        return last.current;
      } finally {
        busy.current = false;
      }
    },
    [client, rows],
  );

  /** Puts a row back to where it was moved from: that of the last move, if none is named. */
  const undo = useCallback(
    async (moved: Moved | null = last.current) => {
      const row = moved && rows.forest.find(moved.row.id);
      if (!row || !(await send(row, moved.from))) return;
      last.current = null;
      say(`${nameOf(row.item)} is back: ${whereIs(rows.forest, row)}.`);
    },
    [rows, say, send],
  );

  /** Moves a row and says so; whether it was moved. */
  const step = useCallback(
    async (row: TreeRow, position: Position) => {
      const moved = await send(row, position);
      if (moved) say(`${nameOf(row.item)} is now ${whereIs(rows.forest, row)}.`);
      return moved !== null;
    },
    [rows, say, send],
  );

  /** Moves a row and offers to undo that; whether it was moved. */
  const move = useCallback(
    async (row: TreeRow, position: Position) => {
      const moved = await send(row, position);
      if (moved) {
        tell(
          <span className={styles.undo}>
            <span>
              Moved {nameOf(row.item)}: {whereIs(rows.forest, row)}.
            </span>
            <Button small onPress={() => void undo(moved)}>
              Undo
            </Button>
          </span>,
        );
      }
      return moved !== null;
    },
    [rows, send, undo],
  );

  return { step, move, undo };
}
