// The forest against a plain model: a server that lists its rows anew each time, and tells of its
// versions late, with rows shown as they stand by then.

import { describe, expect, test } from 'vitest';
import { Forest, type Change, type Item, type PlacedRow } from './forest';

const folder = (name: string): Item => ({ kind: 'folder', name });

/** The outline of a forest: every row with its parent, in order. */
function outline(forest: Forest): string[] {
  return [...forest.all()].map((row) => `${row.id}<${row.parent.id}`);
}

function read(rows: [id: string, depth: number][]): Forest {
  const forest = new Forest();
  for (const [id, depth] of rows) forest.append(id, depth, folder(id));
  forest.list();
  return forest;
}

const shown = (forest: Forest) => forest.shown.map(({ id, depth }) => `${' '.repeat(depth)}${id}`);
const row = (id: string, parent: string | null, previous: string | null): PlacedRow => ({
  id,
  parent,
  previous,
  item: folder(id),
});
const change = (part: Partial<Change>): Change => ({ added: [], moved: [], removed: [], ...part });

describe('reading and showing', () => {
  const rows: [string, number][] = [
    ['a', 0],
    ['b', 1],
    ['c', 2],
    ['d', 1],
    ['e', 0],
  ];

  test('rows are listed with their levels and places', () => {
    const forest = read(rows);
    expect(shown(forest)).toEqual(['a', ' b', '  c', ' d', 'e']);
    expect(forest.shown.map(({ place }) => place)).toEqual([1, 1, 1, 2, 2]);
    expect(forest.find('a')?.childCount).toBe(2);
    expect(forest.weight(forest.find('a')!)).toBe(4);
    expect(forest.weight(forest.find('e')!)).toBe(1);
  });

  test('folding hides what is below, revealing shows it', () => {
    const forest = read(rows);
    forest.foldAll(true);
    forest.list();
    expect(shown(forest)).toEqual(['a', 'e']);
    expect(forest.isShown(forest.find('c')!)).toBe(false);
    expect(forest.reveal(forest.find('c')!)).toBe(true);
    forest.list();
    expect(shown(forest)).toEqual(['a', ' b', '  c', ' d', 'e']);
    expect(forest.reveal(forest.find('c')!)).toBe(false);
  });

  test('a row that is read twice stays where it is', () => {
    const forest = read([...rows, ['c', 0]]);
    expect(shown(forest)).toEqual(['a', ' b', '  c', ' d', 'e']);
  });
});

describe('changes', () => {
  test('what moves out of a removed row keeps what stands below it', () => {
    const forest = read([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ]);
    forest.apply(change({ moved: [row('b', null, null)], removed: ['a'] }));
    expect(outline(forest)).toEqual(['b<', 'c<b']);
    expect(forest.endBurst()).toEqual([]);
  });

  test('a change that comes twice is harmless', () => {
    const forest = read([['a', 0]]);
    const added = change({ added: [row('b', 'a', null), row('c', 'a', 'b')] });
    forest.apply(added);
    forest.apply(added);
    expect(outline(forest)).toEqual(['a<', 'b<a', 'c<a']);
    expect(forest.size).toBe(3);
  });

  test('a neighbour that moved on later is doubted, and settled', () => {
    const forest = read([
      ['s', 0],
      ['a', 0],
      ['b', 0],
    ]);
    // First r was put last, then s between b and r. Both are told after both happened.
    forest.apply(change({ added: [row('r', null, 's')] }));
    forest.apply(change({ moved: [row('s', null, 'b')] }));
    expect(forest.endBurst().sort()).toEqual(['r', 's']);
    forest.settle([row('r', null, 's'), row('s', null, 'b')]);
    expect(outline(forest)).toEqual(['a<', 'b<', 's<', 'r<']);
    expect(forest.endBurst()).toEqual([]);
  });
});

/** A small generator of numbers, the same on every run. */
function random(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A hierarchy as lists of children. */
class Model {
  readonly children = new Map<string, string[]>([['', []]]);
  readonly parent = new Map<string, string>();
  private last = 0;

  place(id: string): PlacedRow | undefined {
    const parent = this.parent.get(id);
    if (parent === undefined) return undefined;
    const siblings = this.children.get(parent)!;
    return row(id, parent || null, siblings[siblings.indexOf(id) - 1] ?? null);
  }

  outline(at = ''): string[] {
    return this.children.get(at)!.flatMap((id) => [`${id}<${at}`, ...this.outline(id)]);
  }

  depths(at = '', depth = 0): [string, number][] {
    return this.children.get(at)!.flatMap((id) => [[id, depth], ...this.depths(id, depth + 1)]);
  }

  /** One random edit: the ids that were added, moved and removed. */
  edit(next: (below: number) => number) {
    const ids = [...this.parent.keys()];
    const pick = () => ids[next(ids.length)]!;
    const kind = ids.length < 4 ? 0 : next(6);
    if (kind < 2) {
      const id = `r${++this.last}`;
      this.children.set(id, []);
      this.insert(id, ids.length > 0 && next(3) > 0 ? pick() : '', next);
      return { added: [id], moved: [], removed: [] };
    }
    const id = pick();
    const below = this.outline(id).map((line) => line.split('<')[0]!);
    if (kind === 2 && below.length < 4) {
      const removed = [...below.reverse(), id];
      this.detach(id);
      for (const gone of removed) {
        this.children.delete(gone);
        this.parent.delete(gone);
      }
      return { added: [], moved: [], removed };
    }
    const targets = ['', ...ids.filter((it) => it !== id && !below.includes(it))];
    this.detach(id);
    this.insert(id, targets[next(targets.length)]!, next);
    return { added: [], moved: [id], removed: [] };
  }

  private detach(id: string) {
    const siblings = this.children.get(this.parent.get(id)!)!;
    siblings.splice(siblings.indexOf(id), 1);
  }

  private insert(id: string, parent: string, next: (below: number) => number) {
    const siblings = this.children.get(parent)!;
    siblings.splice(next(siblings.length + 1), 0, id);
    this.parent.set(id, parent);
  }
}

test('a forest that is told late ends where the server is', () => {
  let doubts = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const next = random(seed);
    const model = new Model();
    for (let step = 0; step < 12; step++) model.edit(next);
    const forest = read(model.depths());
    for (let burst = 0; burst < 6; burst++) {
      const length = 1 + next(5);
      const edits = Array.from({ length }, () => model.edit(next));
      const told = (ids: string[]) => ids.map((id) => model.place(id)).filter((it) => !!it);
      for (const { added, moved, removed } of edits) {
        forest.apply({ added: told(added), moved: told(moved), removed });
      }
      const doubtful = forest.endBurst();
      doubts += doubtful.length;
      forest.settle(told(doubtful));
      expect(outline(forest), `seed ${seed}, burst ${burst}`).toEqual(model.outline());
      forest.list();
      expect(forest.shown.length).toBe(forest.size);
    }
  }
  expect(doubts).toBeGreaterThan(0);
});
