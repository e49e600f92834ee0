// One row of the tree: what it holds, and by which it is folded, dragged and asked for its menu.

import {
  Bookmark,
  Bug,
  ChevronRight,
  CircleDot,
  EllipsisVertical,
  Folder,
  GitCommitHorizontal,
  GripVertical,
  SquareCheck,
  Zap,
} from 'lucide-react';
import { memo, useEffect, useRef, useState } from 'react';
import { StatusBadge } from '../../ui/badge';
import { wireRow, type Landing } from './drag';
import type { Forest, Item, TreeRow as Row } from './forest';
import { nameOf, type Position } from './moves';
import { pieces } from './search';
import styles from './tree.module.css';

/** What rows ask the tree for; the same object for all rows and all times. */
export interface RowEvents {
  forest: () => Forest;
  onPress: (row: Row) => void;
  onFold: (row: Row) => void;
  onMenu: (row: Row) => void;
  onDrop: (row: Row, position: Position) => void;
}

/** What marks a row: it was touched just now, or by the version that is shown. */
export type Mark = 'added' | 'moved' | 'fresh';

interface Props {
  row: Row;
  /** Rows are changed in place: with each revision they are drawn again. */
  revision: number;
  domId: string;
  index: number;
  top: number;
  indent: number;
  isActive: boolean;
  /** The text that is searched for. */
  wanted: string;
  mark: Mark | undefined;
  editable: boolean;
  /** Another row is being moved, and this one can be chosen as its place. */
  pickable: boolean;
  /** It is being moved, by itself or with one above it. */
  picked: boolean;
  hasMenu: boolean;
  events: RowEvents;
}

const MARKS = { added: 'Added', moved: 'Moved' };

/** One row. */
export const TreeRow = memo(function TreeRow(props: Props) {
  const { row, domId, index, top, isActive, wanted, mark, editable, picked, events } = props;
  const [landing, setLanding] = useState<Landing | null>(null);
  const [dragging, setDragging] = useState(false);
  const element = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const handle = useRef<HTMLSpanElement>(null);
  const { indent } = props;

  useEffect(() => {
    if (!editable || !element.current || !handle.current || !body.current) return;
    return wireRow({
      row,
      element: element.current,
      handle: handle.current,
      body: body.current,
      forest: events.forest,
      indent,
      onLanding: (next) =>
        setLanding((held) =>
          held?.line === next?.line && held?.depth === next?.depth ? held : next,
        ),
      onDragging: setDragging,
      onDrop: events.onDrop,
      onUnfold: (folded) => folded.folded && events.onFold(folded),
    });
  }, [row, editable, indent, events]);

  const { item, childCount, folded } = row;
  const names = [
    styles.row,
    isActive && styles.active,
    mark && styles[mark],
    dragging && styles.away,
    picked && styles.picked,
    props.pickable && styles.pickable,
    landing?.line === 'into' && styles.into,
  ];
  return (
    <div
      ref={element}
      id={domId}
      role="row"
      className={names.filter(Boolean).join(' ')}
      style={{ top, '--depth': row.depth } as React.CSSProperties}
      aria-level={row.depth + 1}
      aria-setsize={row.parent.childCount}
      aria-posinset={row.place}
      aria-rowindex={index + 2}
      aria-expanded={childCount > 0 ? !folded : undefined}
      aria-selected={isActive}
      data-landing={landing?.line}
      onClick={() => events.onPress(row)}
    >
      <div role="gridcell" className={styles.main}>
        {editable && (
          <span ref={handle} className={styles.handle} title="Drag to move">
            <GripVertical aria-hidden="true" />
          </span>
        )}
        <div ref={body} className={styles.body}>
          {childCount > 0 ? (
            <button
              type="button"
              tabIndex={-1}
              className={folded ? styles.toggle : `${styles.toggle} ${styles.open}`}
              aria-label={`${folded ? 'Expand' : 'Collapse'} ${nameOf(item)}`}
              onClick={(event) => {
                event.stopPropagation();
                events.onFold(row);
              }}
            >
              <ChevronRight aria-hidden="true" />
            </button>
          ) : (
            <span className={styles.leaf} />
          )}
          <ItemIcon item={item} />
          {item.kind === 'issue' ? (
            <>
              <span className={styles.key} data-name>
                <Marked text={item.key} wanted={wanted} />
              </span>
              <span className={styles.summary} title={item.summary}>
                <Marked text={item.summary} wanted={wanted} />
              </span>
            </>
          ) : (
            <span className={styles.folder} data-name title={item.name}>
              <Marked text={item.name} wanted={wanted} />
            </span>
          )}
          {childCount > 0 && folded && (
            <span className={styles.count}>{childCount.toLocaleString('en')}</span>
          )}
          {(mark === 'added' || mark === 'moved') && (
            <span className={styles.mark}>{MARKS[mark]}</span>
          )}
        </div>
      </div>
      <div role="gridcell" className={styles.status}>
        {item.kind === 'issue' && <StatusBadge name={item.status} category={item.category} />}
      </div>
      <div role="gridcell" className={styles.assignee}>
        {item.kind === 'issue' && item.assignee}
      </div>
      <div role="gridcell" className={styles.end}>
        {props.hasMenu && (
          <button
            type="button"
            tabIndex={-1}
            className={styles.menu}
            data-menu
            aria-haspopup="menu"
            aria-label={`Actions for ${nameOf(item)}`}
            onClick={(event) => {
              event.stopPropagation();
              events.onMenu(row);
            }}
          >
            <EllipsisVertical aria-hidden="true" />
          </button>
        )}
      </div>
      {landing && landing.line !== 'into' && (
        <span
          className={`${styles.line} ${landing.line === 'above' ? styles.above : styles.below}`}
          style={{ '--depth': landing.depth } as React.CSSProperties}
        />
      )}
    </div>
  );
});

/** A place of a row that has not been read yet. */
export function MissingRow({ index, top }: { index: number; top: number }) {
  return (
    <div
      role="row"
      className={styles.row}
      style={{ top }}
      aria-rowindex={index + 2}
      aria-busy="true"
    >
      <div role="gridcell" className={styles.main}>
        <span className={styles.bone} style={{ width: `${30 + ((index * 37) % 45)}%` }}>
          <span className="visually-hidden">Not read yet</span>
        </span>
      </div>
    </div>
  );
}

function Marked({ text, wanted }: { text: string; wanted: string }) {
  const parts = wanted ? pieces(text, wanted) : [text];
  if (parts.length === 1) return text;
  return parts.map((part, at) => (at % 2 === 1 ? <mark key={at}>{part}</mark> : part));
}

const ICONS: [RegExp, typeof Bug, string][] = [
  [/epic/i, Zap, 'epic'],
  [/bug|defect/i, Bug, 'bug'],
  [/story|feature|improvement/i, Bookmark, 'story'],
  [/sub.?task/i, GitCommitHorizontal, 'other'],
  [/task/i, SquareCheck, 'task'],
];

function ItemIcon({ item }: { item: Item }) {
  if (item.kind === 'folder') return <Folder className={styles.icon} aria-label="Folder" />;
  const [, Icon, tint] = ICONS.find(([name]) => name.test(item.type)) ?? [null, CircleDot, 'other'];
  return (
    <span className={`${styles.icon} ${styles[tint]}`} title={item.type}>
      <Icon aria-hidden="true" />
      <span className="visually-hidden">{item.type}</span>
    </span>
  );
}
