// What each kind of synchronizer is for, and what to beware of: for whoever chooses one.

import { Filter, GitFork, ListTree, SquareKanban, TrendingUp, type LucideIcon } from 'lucide-react';
import type { SynchronizerKind } from '../../gql/schema';

interface Kind {
  icon: LucideIcon;
  /** What it keeps alike, in a sentence. */
  about: string;
  /** What may surprise or cost something. */
  cautions: string[];
  /** The name that the server gives one that is installed without a name. */
  defaultName: string;
}

/** What to say about each kind. */
export const KINDS: Record<SynchronizerKind, Kind> = {
  SAVED_FILTER: {
    icon: Filter,
    about:
      'Fills the structure with the issues of a query: adds those that are missing and, if you like, removes those that no longer match.',
    cautions: [
      'With removal switched on, rows of all other issues go, also those that you added by hand.',
      'Relative dates such as updated >= -7d change the result without a change of an issue: only a resync notices.',
    ],
    defaultName: 'Saved filter',
  },
  SUB_TASKS: {
    icon: ListTree,
    about: 'Keeps every sub-task below its parent, wherever the parent stands in the structure.',
    cautions: ['A sub-task that is moved away from its parent is put back.'],
    defaultName: 'Sub-tasks',
  },
  LINKS: {
    icon: GitFork,
    about:
      'Keeps links of one type and the hierarchy alike: what is linked stands below its parent, and what stands below a parent is linked.',
    cautions: [
      'A resync from the structure deletes every link in scope that no row below its parent stands for.',
      'A resync into the structure moves rows below the issues that they are linked to.',
    ],
    defaultName: 'Links',
  },
  AGILE: {
    icon: SquareKanban,
    about:
      'Keeps the epics and the order of a board, or of projects, and the hierarchy alike; can put sub-tasks under their parents.',
    cautions: [
      'A resync from the structure clears the epic of every issue that stands below none.',
      'It also writes the order of the structure over the order of the backlog.',
    ],
    defaultName: 'Agile',
  },
  STATUS_ROLLUP: {
    icon: TrendingUp,
    about: 'Gives a parent the earliest status that its children are in, up through all levels.',
    cautions: [
      'Statuses of parents that people set by hand are written over.',
      'Steps that the workflow of a project does not allow are left out, and listed in the job.',
    ],
    defaultName: 'Status rollup',
  },
};

/** The kinds in the order in which they are offered. */
export const ALL_KINDS = Object.keys(KINDS) as SynchronizerKind[];
