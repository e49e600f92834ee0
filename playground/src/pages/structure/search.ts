// Finding rows by what stands on them.

import type { Forest, Item, TreeRow } from './forest';

function textOf(item: Item): string {
  return item.kind === 'issue' ? `${item.key} ${item.summary}` : item.name;
}

/** The rows whose key, summary or name holds a text, whatever the case, in order. */
export function search(forest: Forest, wanted: string): TreeRow[] {
  const needle = wanted.trim().toLowerCase();
  const found: TreeRow[] = [];
  if (!needle) return found;
  for (const row of forest.all()) {
    row.text ??= textOf(row.item).toLowerCase();
    if (row.text.includes(needle)) found.push(row);
  }
  return found;
}

/** A text in pieces: those at odd places match. */
export function pieces(text: string, wanted: string): string[] {
  const needle = wanted.trim().toLowerCase();
  if (!needle) return [text];
  const folded = text.toLowerCase();
  // Folding changes the length of a few letters; then nothing is marked rather than the wrong thing.
  if (folded.length !== text.length) return [text];
  const found = [];
  let from = 0;
  for (let at = folded.indexOf(needle); at >= 0; at = folded.indexOf(needle, from)) {
    found.push(text.slice(from, at), text.slice(at, at + needle.length));
    from = at + needle.length;
  }
  found.push(text.slice(from));
  return found;
}
