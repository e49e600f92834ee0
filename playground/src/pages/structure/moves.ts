// Where a row goes: from a key, from a place beside another row, and back again.

import type { Forest, Item, TreeRow } from './forest';

/** Where rows go: under a row, after one of its children; null: the top level, the first place. */
export interface Position {
  under: string | null;
  after: string | null;
}

/** A step of a row among its neighbours. */
export type Step = 'up' | 'down' | 'in' | 'out';

/** A place beside or below another row. */
export type Side = 'before' | 'after' | 'first' | 'last';

/** As many letters of a name are shown where there is little room. */
const SHORT = 60;

const id = (row: TreeRow | null) => row?.id || null;

/** How a row is called. */
export function nameOf(item: Item): string {
  return item.kind === 'issue' ? item.key : `“${item.name}”`;
}

/** How a row is called where there is little room. */
export function shortNameOf(item: Item): string {
  const letters = item.kind === 'folder' ? [...item.name] : [];
  if (letters.length <= SHORT) return nameOf(item);
  return `“${letters
    .slice(0, SHORT - 1)
    .join('')
    .trimEnd()}…”`;
}

/** Where a row stands. */
export function positionOf(row: TreeRow): Position {
  return { under: id(row.parent), after: id(row.previous) };
}

/** Where a step leads; null where there is none. */
export function stepFrom(forest: Forest, row: TreeRow, step: Step): Position | null {
  const { parent, previous, next } = row;
  switch (step) {
    case 'up':
      return previous && { under: id(parent), after: id(previous.previous) };
    case 'down':
      return next && { under: id(parent), after: id(next) };
    case 'in':
      return previous && { under: id(previous), after: id(previous.last) };
    case 'out':
      return forest.isTop(row) ? null : { under: id(parent.parent), after: id(parent) };
  }
}

/** The place on a side of another row; null if that is in the row's own subtree. */
export function sideOf(forest: Forest, row: TreeRow, target: TreeRow, side: Side): Position | null {
  if (forest.isWithin(target, row)) return null;
  // The row itself is no neighbour to be put after.
  const passing = (before: TreeRow | null) => id(before === row ? before.previous : before);
  switch (side) {
    case 'before':
      return { under: id(target.parent), after: passing(target.previous) };
    case 'after':
      return { under: id(target.parent), after: id(target) };
    case 'first':
      return { under: id(target), after: null };
    case 'last':
      return { under: id(target), after: passing(target.last) };
  }
}

/** Whether a row stands at a position already. */
export function standsAt(row: TreeRow, position: Position): boolean {
  const { under, after } = positionOf(row);
  return under === position.under && after === position.after;
}

/** The row above a row that has a level: that row itself, if it has. */
export function ancestorAt(row: TreeRow, depth: number): TreeRow {
  let at = row;
  for (let level = row.depth; level > depth; level--) at = at.parent;
  return at;
}

/** Where a row stands, in words. */
export function whereIs(forest: Forest, row: TreeRow): string {
  const among = `${row.place} of ${row.parent.childCount}`;
  return forest.isTop(row)
    ? `${among} at the top level`
    : `${among} under ${nameOf(row.parent.item)}`;
}
