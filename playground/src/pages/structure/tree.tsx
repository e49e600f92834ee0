// The tree: only the rows in the window are in the page, however many there are. One row is active;
// the keyboard stays on the tree and moves that.

import { useVirtualizer } from '@tanstack/react-virtual';
import {
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
  type KeyboardEvent,
} from 'react';
import { useNarrow } from '../../ui/narrow';
import type { TreeRow as Row } from './forest';
import type { Position, Step } from './moves';
import type { Rows } from './rows';
import { actionOf } from './tree-keys';
import { MissingRow, TreeRow, type Mark, type RowEvents } from './tree-row';
import styles from './tree.module.css';

/** Browsers show no element that is higher than some 17 million pixels. */
const HIGHEST = 15_000_000;
/** The height of the headings, which stand on wide screens only. */
const HEAD = 34;

/** A row that the tree is to show; asking for the same one again shows it again. */
export interface Goal {
  id: string;
}

interface Props {
  rows: Rows;
  label: string;
  editable: boolean;
  hasMenu: boolean;
  active: string | null;
  onActive: (id: string | null) => void;
  goal: Goal | null;
  wanted: string;
  markOf: (id: string) => Mark | undefined;
  /** The row for which a place is being chosen. */
  picking: Row | null;
  onStep: (row: Row, step: Step) => void;
  onDrop: (row: Row, position: Position) => void;
  onMenu: (row: Row, anchor: Element) => void;
  onRemove: (row: Row) => void;
  onUndo: () => void;
  onEscape: () => void;
}

/** The rows as a tree. */
export function Tree(props: Props) {
  const { rows, active, goal, picking, onActive } = props;
  const revision = useSyncExternalStore(rows.listen, rows.seen);
  const prefix = useId();
  const narrow = useNarrow();
  const height = narrow ? 56 : 36;
  const head = narrow ? 0 : HEAD;
  const scroller = useRef<HTMLDivElement>(null);
  const { forest } = rows;
  const { shown } = forest;
  const all = shown.length + rows.missing;
  const count = Math.min(all, Math.floor(HIGHEST / height));

  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    scrollMargin: head,
    scrollPaddingStart: head,
  });
  useLayoutEffect(() => virtualizer.measure(), [virtualizer, height]);
  const items = virtualizer.getVirtualItems();

  const found = active === null ? undefined : forest.find(active);
  const activeRow = found && forest.isShown(found) ? found : undefined;
  useActiveStays(props, activeRow);

  // Rows that come or go above the window do not move what is looked at.
  const held = useRef<{ row: Row; index: number } | null>(null);
  useLayoutEffect(() => {
    const element = scroller.current;
    const { row, index } = held.current ?? {};
    if (!element || !row || index === undefined || !forest.isShown(row)) return;
    if (row.index !== index && element.scrollTop > 0) {
      element.scrollTop += (row.index - index) * height;
    }
  }, [revision, forest, height]);
  useEffect(() => {
    // The element's own offset would make the browser lay the page out once more.
    const top = shown[Math.floor((virtualizer.scrollOffset ?? 0) / height)];
    held.current = top ? { row: top, index: top.index } : null;
  });

  useEffect(() => {
    const row = goal && rows.forest.find(goal.id);
    if (!row) return;
    if (rows.forest.reveal(row) || !rows.forest.isShown(row)) rows.show();
    virtualizer.scrollToIndex(row.index, { align: 'auto' });
  }, [goal, rows, virtualizer]);

  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    rows.want(last);
    void rows.check(shown.slice(first, last + 1).map(({ id }) => id));
  }, [rows, shown, first, last, revision]);

  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });
  const menuOf = (row: Row) => {
    const element = document.getElementById(prefix + row.id);
    const anchor = element?.querySelector('[data-menu]') ?? element;
    if (anchor) latest.current.onMenu(row, anchor);
  };
  const events = useMemo<RowEvents>(() => {
    const press = (row: Row) => {
      latest.current.onActive(row.id);
      scroller.current?.focus({ preventScroll: true });
    };
    return {
      forest: () => latest.current.rows.forest,
      onPress: (row) => {
        press(row);
        if (latest.current.picking) menuOf(row);
      },
      onFold: (row) => {
        press(row);
        row.folded = !row.folded;
        latest.current.rows.show();
      },
      onMenu: (row) => {
        press(row);
        menuOf(row);
      },
      onDrop: (row, position) => {
        press(row);
        latest.current.onDrop(row, position);
      },
    };
  }, []);

  const goTo = (index: number) => {
    const row = shown[Math.max(0, Math.min(shown.length - 1, index))];
    if (!row) return;
    onActive(row.id);
    virtualizer.scrollToIndex(row.index, { align: 'auto' });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== scroller.current) return;
    const page = Math.max(
      1,
      Math.floor(((scroller.current?.clientHeight ?? 0) - head) / height) - 1,
    );
    const action = actionOf(event, forest, activeRow, page);
    if (!action) return;
    event.preventDefault();
    switch (action.do) {
      case 'go':
        return goTo(action.index);
      case 'fold':
        action.row.folded = action.folded;
        return rows.show();
      case 'unfold all':
        forest.foldAll(false);
        return rows.show();
      case 'step':
        return props.editable ? props.onStep(action.row, action.step) : undefined;
      case 'menu':
        return menuOf(action.row);
      case 'remove':
        return props.editable ? props.onRemove(action.row) : undefined;
      case 'undo':
        return props.onUndo();
      case 'escape':
        return props.onEscape();
    }
  };

  const indent = narrow ? 14 : 22;
  return (
    <div
      ref={scroller}
      className={styles.tree}
      style={{ '--indent': `${indent}px`, '--height': `${height}px` } as React.CSSProperties}
      role="treegrid"
      aria-label={props.label}
      aria-rowcount={all + 1}
      aria-colcount={4}
      aria-activedescendant={activeRow ? prefix + activeRow.id : undefined}
      aria-busy={rows.phase === 'reading'}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onFocus={() => {
        if (!activeRow && shown[first]) onActive(shown[first].id);
      }}
    >
      <div role="rowgroup" className={styles.head}>
        <div role="row" aria-rowindex={1} className={styles.headRow}>
          <span role="columnheader">Issue</span>
          <span role="columnheader" className={styles.status}>
            Status
          </span>
          <span role="columnheader" className={styles.assignee}>
            Assignee
          </span>
          <span role="columnheader" className={styles.end}>
            <span className="visually-hidden">Actions</span>
          </span>
        </div>
      </div>
      <div role="rowgroup" className={styles.sizer} style={{ height: count * height }}>
        {items.map(({ index, start }) => {
          const row = shown[index];
          const top = start - head;
          if (!row) return <MissingRow key={index} index={index} top={top} />;
          return (
            <TreeRow
              key={row.id}
              row={row}
              revision={revision}
              domId={prefix + row.id}
              index={index}
              top={top}
              indent={indent}
              isActive={row === activeRow}
              wanted={props.wanted}
              mark={props.markOf(row.id)}
              editable={props.editable && !picking}
              pickable={!!picking && !forest.isWithin(row, picking)}
              picked={!!picking && forest.isWithin(row, picking)}
              hasMenu={props.hasMenu}
              events={events}
            />
          );
        })}
      </div>
      {all > count && (
        <p className={styles.cut}>
          A browser can show {count.toLocaleString('en')} rows at a time: collapse some to see the
          rest.
        </p>
      )}
    </div>
  );
}

/** When the active row goes out of sight, the row that took its place, or the one above it, is active. */
function useActiveStays({ rows, active, onActive }: Props, activeRow: Row | undefined): void {
  const index = useRef(0);
  useEffect(() => {
    if (activeRow) {
      index.current = activeRow.index;
      return;
    }
    if (active === null) return;
    const { forest } = rows;
    let hidden = forest.find(active);
    while (hidden && !forest.isShown(hidden)) hidden = hidden.parent;
    const next = hidden ?? forest.shown[Math.min(index.current, forest.shown.length - 1)];
    onActive(next?.id ?? null);
  });
}
