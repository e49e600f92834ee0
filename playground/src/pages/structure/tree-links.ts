// Rows that know their parents and neighbours, and how they are hung into each other.

/** What a row holds. */
export type Item =
  | {
      kind: 'issue';
      key: string;
      summary: string;
      type: string;
      status: string;
      category: 'TO_DO' | 'IN_PROGRESS' | 'DONE';
      assignee: string | null;
    }
  | { kind: 'folder'; name: string };

/** A row. Its neighbours are changed by the forest alone. */
export interface TreeRow {
  readonly id: string;
  item: Item;
  /** The row above it; the forest's root for the top level. */
  parent: TreeRow;
  first: TreeRow | null;
  last: TreeRow | null;
  previous: TreeRow | null;
  next: TreeRow | null;
  childCount: number;
  /** Its children are folded away. */
  folded: boolean;
  /** Levels above it, its place among its siblings from 1, and in the list: while in sight. */
  depth: number;
  place: number;
  index: number;
  /** What a search looks at, once one did. */
  text: string | null;
}

/** A row that stands nowhere. */
export function makeRow(id: string, item: Item): TreeRow {
  const row = {
    id,
    item,
    first: null,
    last: null,
    previous: null,
    next: null,
    childCount: 0,
    folded: false,
    depth: 0,
    place: 1,
    index: -1,
    text: null,
  } as unknown as TreeRow;
  row.parent = row;
  return row;
}

/** Puts a row that stands nowhere under a parent, after one of its children or first. */
export function link(row: TreeRow, parent: TreeRow, previous: TreeRow | null): void {
  const next = previous ? previous.next : parent.first;
  row.parent = parent;
  row.previous = previous;
  row.next = next;
  if (previous) previous.next = row;
  else parent.first = row;
  if (next) next.previous = row;
  else parent.last = row;
  parent.childCount += 1;
}

/** Takes a row, with all below it, out of where it stands. */
export function unlink(row: TreeRow): void {
  const { parent, previous, next } = row;
  if (previous) previous.next = next;
  else parent.first = next;
  if (next) next.previous = previous;
  else parent.last = previous;
  parent.childCount -= 1;
  row.previous = null;
  row.next = null;
}
