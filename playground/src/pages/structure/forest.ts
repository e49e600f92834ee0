// The hierarchy that the page shows: rows that know their parents and siblings, and the list of
// those that are in sight. An edit costs what it touches; the list is made anew once a batch, in one
// walk over the rows that are not folded away.

import { link, makeRow, unlink, type Item, type TreeRow } from './tree-links';

export type { Item, TreeRow };

/** Where a row stands, by ids: null is the top level, or the first place. */
export interface Place {
  parent: string | null;
  previous: string | null;
}

/** A row with its place and what it holds. */
export interface PlacedRow extends Place {
  id: string;
  item: Item;
}

/** What one version changed; rows may be shown as they stand later. */
export interface Change {
  added: readonly PlacedRow[];
  moved: readonly PlacedRow[];
  removed: readonly string[];
}

/** The rows of one structure at one version. */
export class Forest {
  /** Stands above the top level and is no row. */
  readonly root: TreeRow = makeRow('', { kind: 'folder', name: '' });
  /** The rows in sight, in order. */
  shown: readonly TreeRow[] = [];
  private readonly rows = new Map<string, TreeRow>();
  /** The last row of each level while rows are read in. */
  private trail: TreeRow[] = [];
  private readonly touched = new Set<string>();
  private readonly leaned = new Set<string>();
  private doubtful = false;

  /** How many rows there are. */
  get size(): number {
    return this.rows.size;
  }

  /** The row of an id. */
  find(id: string): TreeRow | undefined {
    return this.rows.get(id);
  }

  /** Whether a row is in sight. */
  isShown(row: TreeRow): boolean {
    return this.shown[row.index] === row;
  }

  /** Whether a row stands at the top level. */
  isTop(row: TreeRow): boolean {
    return row.parent === this.root;
  }

  /** Reads the next row in depth-first order; one that is there already is left alone. */
  append(id: string, depth: number, item: Item): void {
    if (this.rows.has(id)) return;
    const row = this.make(id, item);
    const parent = this.trail[depth - 1] ?? this.root;
    link(row, parent, parent.last);
    this.trail[depth] = row;
    this.trail.length = depth + 1;
  }

  /** Applies what one version changed. */
  apply({ added, moved, removed }: Change): void {
    const kept = new Set<string>();
    for (const row of [...added, ...moved]) {
      this.put(row);
      this.touched.add(row.id);
      kept.add(row.id);
    }
    // Last, so that what moved out of a removed row keeps what stands below it.
    for (const id of removed) if (!kept.has(id)) this.remove(id);
  }

  /**
   * Ends a burst of changes. Rows are told as they stand by the time of telling, so in a burst one
   * may have been put beside another that moved on afterwards. Then all rows of the burst are
   * returned, to be asked for once more and given to `settle`.
   */
  endBurst(): string[] {
    const doubtful = this.doubtful ? [...this.touched].filter((id) => this.rows.has(id)) : [];
    this.touched.clear();
    this.leaned.clear();
    this.doubtful = false;
    return doubtful;
  }

  /** Puts rows where they stand at one instant, whatever was known of their places. */
  settle(places: readonly ({ id: string } & Place)[]): void {
    const waiting = new Map(places.map((place) => [place.id, place]));
    for (const { id } of places) {
      const row = this.rows.get(id);
      if (row) unlink(row);
      else waiting.delete(id);
    }
    for (const { id } of places) {
      // Whoever stands before a row goes first. The chain may be long: it is no recursion.
      const chain = [];
      for (let place = waiting.get(id); place; place = waiting.get(place.previous ?? '')) {
        waiting.delete(place.id);
        chain.push(place);
      }
      for (const place of chain.reverse()) this.putBack(place);
    }
  }

  /** Gives a row's item again, as it is now. */
  update(id: string, item: Item): void {
    const row = this.rows.get(id);
    if (!row) return;
    row.item = item;
    row.text = null;
  }

  /** Makes the list of rows in sight. */
  list(): void {
    const shown: TreeRow[] = [];
    let depth = 0;
    let row = this.root.first;
    while (row) {
      row.depth = depth;
      row.place = row.previous ? row.previous.place + 1 : 1;
      row.index = shown.push(row) - 1;
      if (row.first && !row.folded) {
        row = row.first;
        depth += 1;
        continue;
      }
      while (!row.next && row.parent !== this.root) {
        row = row.parent;
        depth -= 1;
      }
      row = row.next;
    }
    this.shown = shown;
  }

  /** Every row, also those out of sight, in order. */
  *all(): Generator<TreeRow> {
    for (let row = this.root.first; row; row = this.following(row)) yield row;
  }

  /** How many rows go with a row: itself and all below it. */
  weight(row: TreeRow): number {
    const end = this.following(row, true);
    let weight = 0;
    for (let at: TreeRow | null = row; at !== end && at; at = this.following(at)) weight += 1;
    return weight;
  }

  /** Folds or unfolds every row that has children. */
  foldAll(folded: boolean): void {
    for (const row of this.rows.values()) row.folded = folded && row.childCount > 0;
  }

  /** Unfolds whatever hides a row; whether anything did. */
  reveal(row: TreeRow): boolean {
    let changed = false;
    for (let at = row.parent; at !== this.root; at = at.parent) {
      changed ||= at.folded;
      at.folded = false;
    }
    return changed;
  }

  /** Whether a row is another one or stands below it. */
  isWithin(row: TreeRow, other: TreeRow): boolean {
    for (let at = row; at !== this.root; at = at.parent) if (at === other) return true;
    return false;
  }

  /** The next row in depth-first order, or the next that is not below this one. */
  private following(row: TreeRow, skipChildren = false): TreeRow | null {
    if (row.first && !skipChildren) return row.first;
    let at = row;
    while (!at.next && at.parent !== this.root) at = at.parent;
    return at.next;
  }

  private make(id: string, item: Item): TreeRow {
    const row = makeRow(id, item);
    this.rows.set(id, row);
    return row;
  }

  private put({ id, parent, previous, item }: PlacedRow): void {
    const known = this.rows.get(id);
    if (known && this.leaned.has(id)) this.doubtful = true;
    if (previous !== null) this.leaned.add(previous);
    const above = parent === null ? this.root : this.rows.get(parent);
    if (!above || (known && this.isWithin(above, known))) {
      // A later change tells of the row again, for its parent comes or moves only then.
      this.doubtful = true;
      if (!known) link(this.make(id, item), this.root, this.root.last);
      return;
    }
    if (known) {
      unlink(known);
      this.update(id, item);
    }
    this.place(known ?? this.make(id, item), above, previous);
  }

  private putBack({ id, parent, previous }: { id: string } & Place): void {
    const above = parent === null ? this.root : this.rows.get(parent);
    this.place(this.rows.get(id)!, above ?? this.root, previous);
  }

  /** Puts a row after a sibling; if that is not there yet, last. */
  private place(row: TreeRow, above: TreeRow, previous: string | null): void {
    const before = previous === null ? null : this.rows.get(previous);
    const found = before === null || before?.parent === above;
    if (!found) this.doubtful = true;
    link(row, above, found ? before : above.last);
  }

  private remove(id: string): void {
    const row = this.rows.get(id);
    if (!row) return;
    // What goes is listed before what it stands under: what is left has yet to be told of again.
    while (row.first) {
      const child = row.first;
      unlink(child);
      link(child, this.root, this.root.last);
      this.doubtful = true;
      this.touched.add(child.id);
    }
    unlink(row);
    this.rows.delete(id);
  }
}
