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
  id: string;
  from: Position;
}

/** How to move rows; `say` is told where a row went. */
export function useMoves(rows: LiveRows, say: (text: string) => void) {
  const client = useClient();
  const busy = useRef(false);
  const last = useRef<Moved | null>(null);

  /** Moves a row; whether it was moved. */
  const send = useCallback(
    async (row: TreeRow, position: Position): Promise<boolean> => {
      if (busy.current || standsAt(row, position)) return false;
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
          return false;
        }
        await rows.reach(data?.moveRows.structure?.version ?? 0);
        last.current = { id: row.id, from };
        return true;
      } finally {
        busy.current = false;
      }
    },
    [client, rows],
  );

  const undo = useCallback(async () => {
    const row = last.current && rows.forest.find(last.current.id);
    if (!row || !last.current) return;
    if (!(await send(row, last.current.from))) return;
    last.current = null;
    say(`${nameOf(row.item)} is back: ${whereIs(rows.forest, row)}.`);
  }, [rows, say, send]);

  /** Moves a row and says so. */
  const step = useCallback(
    async (row: TreeRow, position: Position) => {
      const moved = await send(row, position);
      if (moved) say(`${nameOf(row.item)} is now ${whereIs(rows.forest, row)}.`);
      return moved;
    },
    [rows, say, send],
  );

  /** Moves a row and offers to undo that. */
  const move = useCallback(
    async (row: TreeRow, position: Position) => {
      const moved = await send(row, position);
      if (moved) {
        tell(
          <span className={styles.undo}>
            <span>
              Moved {nameOf(row.item)}: {whereIs(rows.forest, row)}.
            </span>
            <Button small onPress={() => void undo()}>
              Undo
            </Button>
          </span>,
        );
      }
      return moved;
    },
    [rows, send, undo],
  );

  return { step, move, undo };
}
