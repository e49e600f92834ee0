// What a job changed or would change, in numbers with words, the gravest first.

import type { ChangeKind } from '../gql/schema';
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
}

type Words = (one: boolean, telling: Telling) => string;

const be = (one: boolean, { wouldBe }: Telling) => (wouldBe ? 'would be ' : one ? 'was ' : 'were ');

/** Nouns stand apart from what happens to them: short lists leave out the verb's tense. */
const KINDS: [ChangeKind, keyof Counts, Weight, Words][] = [
  [
    'CONFLICT',
    'conflicts',
    'loss',
    (one, telling) =>
      `${one ? 'edit' : 'edits'} made since the last synchronization ${be(one, telling)}overwritten`,
  ],
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
export function weightOf(kind: ChangeKind): Weight {
  return KINDS.find(([it]) => it === kind)?.[2] ?? 'plain';
}

/** The numbers that are not zero. */
export function tellParts(counts: Counts, telling: Telling): Part[] {
  return KINDS.filter(([, field]) => counts[field] > 0).map(([kind, field, weight, words]) => ({
    kind,
    number: counts[field],
    words: words(counts[field] === 1, telling),
    weight,
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
export function tellGravest(counts: Counts): string | null {
  const { conflicts } = counts;
  return tellRemovals(counts) ?? (conflicts > 0 ? `overwrite ${count(conflicts, 'edit')}` : null);
}

/** Everything that a person has to know of before it is overwritten, in whole sentences. */
export function tellLosses(counts: Counts): string[] {
  const removals = tellRemovals(counts);
  const { conflicts } = counts;
  return [
    removals && `This would ${removals}.`,
    conflicts > 0 &&
      `${count(conflicts, 'edit')} made since the last synchronization would be overwritten.`,
  ].filter((sentence) => typeof sentence === 'string');
}
