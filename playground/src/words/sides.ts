// Which side of a resync is the truth and which one changes, by kind and direction.

import type { Direction, SynchronizerKind } from '../gql/schema';

/** Both sides of a resync in words. */
export interface Sides {
  winner: string;
  loser: string;
  /** What happens to the loser. */
  effect: string;
}

const SIDES: Record<SynchronizerKind, Partial<Record<Direction, Sides>>> = {
  SAVED_FILTER: {
    INTO_STRUCTURE: {
      winner: 'The result of the query',
      loser: 'The rows of the structure',
      effect:
        'Rows are added, moved and removed, as far as the settings allow, until the structure holds what the query finds.',
    },
  },
  SUB_TASKS: {
    INTO_STRUCTURE: {
      winner: 'The sub-tasks of the issues',
      loser: 'The rows of the structure',
      effect:
        'Sub-tasks are added under their parents; those that were moved or removed by hand come back.',
    },
  },
  LINKS: {
    INTO_STRUCTURE: {
      winner: 'The links between the issues',
      loser: 'The hierarchy of the structure',
      effect: 'Rows move under the parents that their links name. No link changes.',
    },
    FROM_STRUCTURE: {
      winner: 'The hierarchy of the structure',
      loser: 'The links between the issues',
      effect: 'Links are made and deleted until they say what the hierarchy says. No row moves.',
    },
  },
  AGILE: {
    INTO_STRUCTURE: {
      winner: 'The epics and ranks of the issues',
      loser: 'The hierarchy of the structure',
      effect: 'Rows move under their epics and into the order of their ranks. No issue changes.',
    },
    FROM_STRUCTURE: {
      winner: 'The hierarchy of the structure',
      loser: 'The epics and ranks of the issues',
      effect:
        'Issues get the epic that they stand under, none if there is none, and the ranks of their order.',
    },
  },
  STATUS_ROLLUP: {
    FROM_STRUCTURE: {
      winner: 'The statuses of the children',
      loser: 'The statuses of their parents',
      effect: 'Parents get the status that their children are in. No row moves.',
    },
  },
};

/** The sides of a direction; null if the kind does not have it. */
export function sidesOf(kind: SynchronizerKind, direction: Direction): Sides | null {
  return SIDES[kind][direction] ?? null;
}

/** Why a kind does not have a direction. */
export function whyNot(kind: SynchronizerKind): string {
  switch (kind) {
    case 'SAVED_FILTER':
      return 'The result of a query cannot be written from a hierarchy: this synchronizer only adds and removes rows.';
    case 'SUB_TASKS':
      return 'Which issue is a sub-task of which is never changed: this synchronizer only places rows.';
    case 'STATUS_ROLLUP':
      return 'This synchronizer only sets statuses of issues: it never changes the hierarchy.';
    default:
      return 'This synchronizer cannot be resynced in this direction.';
  }
}

/** What is right and what changes, in one short sentence. */
export const IN_SHORT: Record<Direction, string> = {
  INTO_STRUCTURE: 'The issues are right, the hierarchy changes.',
  FROM_STRUCTURE: 'The hierarchy is right, the issues change.',
};
