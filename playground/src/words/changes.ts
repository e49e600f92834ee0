// What a job changed or would change, in numbers with words, the gravest first.

import type { ChangeKind, Direction } from '../gql/schema';
import { count } from './words';

/** The numbers of a job. */
export interface Counts {
  rowsAdded: number;
  rowsMoved: number;
  rowsRemoved: number;
  linksAdded: number;
  linksRemoved: number;
  ranksChanged: number;
  epicsChanged: number;
  statusesChanged: number;
  conflicts: number;
  skipped: number;
  failed: number;
}

/** How grave a change is. */
export type Weight = 'loss' | 'care' | 'plain';

/** One number with its words. */
export interface Part {
  kind: ChangeKind;
  number: number;
  /** What follows the number. */
  words: string;
  weight: Weight;
}

/** What the numbers are of. */
export interface Telling {
  /** Nothing has been changed: it is what would be. */
  wouldBe: boolean;
  /** It undoes another job. */
  revert?: boolean;
  /** The direction of a resync that no synchronization came before: it overwrites no edit since. */
  first?: Direction | undefined;
}

type Words = (one: boolean, telling: Telling) => string;

const be = (one: boolean, { wouldBe }: Telling) => (wouldBe ? 'would be ' : one ? 'was ' : 'were ');

/** What a first resync overwrites: it was so before anything kept both sides in sync. */
const BY_HAND: Record<Direction, { one: string; many: string; done: string }> = {
  INTO_STRUCTURE: { one: 'row', many: 'rows', done: 'arranged' },
  FROM_STRUCTURE: { one: 'link or field', many: 'links or fields', done: 'set' },
};

const conflictWords: Words = (one, telling) => {
  if (!telling.first) {
    return `${one ? 'edit' : 'edits'} made since the last synchronization ${be(one, telling)}overwritten`;
  }
  const { one: thing, many, done } = BY_HAND[telling.first];
  const change = telling.wouldBe ? 'would change' : 'changed';
  return `${one ? thing : many} that people ${done} by hand ${change}`;
};

/** Nouns stand apart from what happens to them: short lists leave out the verb's tense. */
const KINDS: [ChangeKind, keyof Counts, Weight, Words][] = [
  ['CONFLICT', 'conflicts', 'loss', conflictWords],
  ['ROW_REMOVED', 'rowsRemoved', 'loss', (one) => `${one ? 'row' : 'rows'} removed`],
  ['LINK_REMOVED', 'linksRemoved', 'loss', (one) => `${one ? 'link' : 'links'} deleted`],
  [
    'FAILED',
    'failed',
    'care',
    (one, { wouldBe }) =>
      `${one ? 'change' : 'changes'} ${wouldBe ? 'would be ' : ''}refused by the tracker`,
  ],
  [
    'SKIPPED',
    'skipped',
    'care',
    (one, { revert }) =>
      revert
        ? `left as ${one ? 'it is' : 'they are'}: edited since, or without a way back`
        : `skipped: what the rule asks for cannot be done`,
  ],
  ['ROW_MOVED', 'rowsMoved', 'plain', (one) => `${one ? 'row' : 'rows'} moved`],
  ['ROW_ADDED', 'rowsAdded', 'plain', (one) => `${one ? 'row' : 'rows'} added`],
  ['LINK_ADDED', 'linksAdded', 'plain', (one) => `${one ? 'link' : 'links'} made`],
  [
    'STATUS_CHANGED',
    'statusesChanged',
    'plain',
    (one) => `${one ? 'issue gets' : 'issues get'} another status`,
  ],
  [
    'EPIC_CHANGED',
    'epicsChanged',
    'plain',
    (one) => `${one ? 'issue gets' : 'issues get'} another epic`,
  ],
  [
    'RANK_CHANGED',
    'ranksChanged',
    'plain',
    (one) => `${one ? 'issue gets' : 'issues get'} another rank`,
  ],
];

/** What a line of changes is, as a short label. */
export const CHANGE_KINDS: Record<ChangeKind, string> = {
  CONFLICT: 'Conflict',
  ROW_REMOVED: 'Row removed',
  LINK_REMOVED: 'Link deleted',
  FAILED: 'Refused',
  SKIPPED: 'Skipped',
  ROW_MOVED: 'Row moved',
  ROW_ADDED: 'Row added',
  LINK_ADDED: 'Link made',
  STATUS_CHANGED: 'Status',
  EPIC_CHANGED: 'Epic',
  RANK_CHANGED: 'Rank',
};

/** How grave a kind of change is. */
export function weightOf(kind: ChangeKind, { first }: Pick<Telling, 'first'>): Weight {
  if (kind === 'CONFLICT' && first) return 'care';
  return KINDS.find(([it]) => it === kind)?.[2] ?? 'plain';
}

/** The numbers that are not zero. */
export function tellParts(counts: Counts, telling: Telling): Part[] {
  return KINDS.filter(([, field]) => counts[field] > 0).map(([kind, field, , words]) => ({
    kind,
    number: counts[field],
    words: words(counts[field] === 1, telling),
    weight: weightOf(kind, telling),
  }));
}

/** How many edits: conflicts, skipped and refused ones are none. */
export function countEdits(counts: Counts): number {
  return KINDS.filter(([kind]) => !['CONFLICT', 'SKIPPED', 'FAILED'].includes(kind)).reduce(
    (sum, [, field]) => sum + counts[field],
    0,
  );
}

const SHORT: [keyof Counts, string, string][] = [
  ['rowsRemoved', 'row removed', 'rows removed'],
  ['linksRemoved', 'link deleted', 'links deleted'],
  ['rowsMoved', 'row moved', 'rows moved'],
  ['rowsAdded', 'row added', 'rows added'],
  ['linksAdded', 'link made', 'links made'],
  ['statusesChanged', 'status set', 'statuses set'],
  ['epicsChanged', 'epic set', 'epics set'],
  ['ranksChanged', 'rank set', 'ranks set'],
  ['conflicts', 'conflict', 'conflicts'],
  ['skipped', 'skipped', 'skipped'],
  ['failed', 'refused', 'refused'],
];

/** All numbers in one line, for lists. */
export function summarize(counts: Counts): string {
  const said = SHORT.filter(([field]) => counts[field] > 0).map(([field, one, many]) =>
    count(counts[field], one, many),
  );
  return said.join(', ');
}

/** What is lost, as what is done: `remove 12 rows and delete 3 links`; null if nothing. */
export function tellRemovals(counts: Counts): string | null {
  const said = [
    counts.rowsRemoved > 0 && `remove ${count(counts.rowsRemoved, 'row')}`,
    counts.linksRemoved > 0 && `delete ${count(counts.linksRemoved, 'link')}`,
  ].filter(Boolean);
  return said.length > 0 ? said.join(' and ') : null;
}

/** The gravest thing that is done, for the button that does it; null if nothing is lost. */
export function tellGravest(counts: Counts, first?: Direction): string | null {
  const { conflicts } = counts;
  const removals = tellRemovals(counts);
  if (removals || conflicts === 0) return removals;
  if (!first) return `overwrite ${count(conflicts, 'edit')}`;
  return `change ${count(conflicts, BY_HAND[first].one, BY_HAND[first].many)}`;
}

/** Something that a person has to know of before it is overwritten. */
export interface Loss {
  sentence: string;
  weight: Weight;
}

/** Every loss that a resync would bring, in whole sentences. */
export function tellLosses(counts: Counts, first?: Direction): Loss[] {
  const removals = tellRemovals(counts);
  const losses: Loss[] = removals ? [{ sentence: `This would ${removals}.`, weight: 'loss' }] : [];
  const conflicts = tellParts(counts, { wouldBe: true, first }).find(
    ({ kind }) => kind === 'CONFLICT',
  );
  if (conflicts) {
    const { number, words, weight } = conflicts;
    losses.push({ sentence: `${number.toLocaleString('en')} ${words}.`, weight });
  }
  return losses;
}
