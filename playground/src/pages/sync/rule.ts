// The rule that a synchronizer follows, as the form edits it and as the pages put it in words. It
// keeps what is named (the filter, the board, the link type, the row) whole, so that it can be
// told without asking again.

import type {
  Direction,
  LinkEnd,
  LinksScope,
  Primacy,
  RankMode,
  SynchronizerKind,
  SynchronizerSettingsInput,
  SynchronizerState,
  UnlinkedRows,
} from '../../gql/schema';
import type {
  BoardPartsFragment,
  LinkTypeNamesFragment,
  RowNameFragment,
  RuleSettings_AgileSettings_Fragment,
  RuleSettings_LinksSettings_Fragment,
  RuleSettings_SavedFilterSettings_Fragment,
  RuleSettings_StatusRollupSettings_Fragment,
  RuleSettings_SubTasksSettings_Fragment,
} from './sync.generated';

/** What the API tells about a synchronizer, in its shape. */
export type RuleSettings =
  | RuleSettings_AgileSettings_Fragment
  | RuleSettings_LinksSettings_Fragment
  | RuleSettings_SavedFilterSettings_Fragment
  | RuleSettings_StatusRollupSettings_Fragment
  | RuleSettings_SubTasksSettings_Fragment;

/** A saved filter to choose. */
export interface Filter {
  id: string;
  name: string;
  jql: string;
}

/** A row to choose, by the name of what it holds. */
export interface Place {
  id: string;
  name: string;
}

/** Keeps the issues of a query in the structure. */
export interface SavedFilterRule {
  kind: 'SAVED_FILTER';
  source: 'FILTER' | 'QUERY';
  filter: Filter | null;
  jql: string;
  add: boolean;
  placeUnder: Place | null;
  /** The row that issues were placed under has gone: another place has to be chosen. */
  placeIsGone: boolean;
  allowMove: boolean;
  remove: boolean;
  removeOnlyFromPlacement: boolean;
}

/** Keeps sub-tasks under their parents. */
export interface SubTasksRule {
  kind: 'SUB_TASKS';
  issueTypes: string[];
}

/** Keeps links and the hierarchy alike. */
export interface LinksRule {
  kind: 'LINKS';
  linkType: LinkTypeNamesFragment | null;
  parentEnd: LinkEnd;
  parentJql: string;
  subIssueJql: string;
  scope: LinksScope;
  unlinkedRows: UnlinkedRows;
  primacy: Primacy;
}

/** Keeps epics, ranks and sub-tasks and the hierarchy alike. */
export interface AgileRule {
  kind: 'AGILE';
  source: 'BOARD' | 'PROJECTS';
  board: BoardPartsFragment | null;
  projectKeys: string[];
  syncRank: boolean;
  rankMode: RankMode;
  syncEpics: boolean;
  addSubTasks: boolean;
}

/** Gives parents the status that their children are in. */
export interface StatusRollupRule {
  kind: 'STATUS_ROLLUP';
  projectKeys: string[];
  issueTypes: string[];
  statuses: string[];
  resolution: string;
}

/** What a synchronizer does in detail. */
export type Rule = SavedFilterRule | SubTasksRule | LinksRule | AgileRule | StatusRollupRule;

/** The directions in which the kinds can be resynced. */
export const KIND_DIRECTIONS: Record<SynchronizerKind, Direction[]> = {
  SAVED_FILTER: ['INTO_STRUCTURE'],
  SUB_TASKS: ['INTO_STRUCTURE'],
  LINKS: ['INTO_STRUCTURE', 'FROM_STRUCTURE'],
  AGILE: ['INTO_STRUCTURE', 'FROM_STRUCTURE'],
  STATUS_ROLLUP: ['FROM_STRUCTURE'],
};

/** A rule of a kind as the API would have it by default. */
export function newRule(kind: SynchronizerKind): Rule {
  switch (kind) {
    case 'SAVED_FILTER':
      return {
        kind,
        source: 'QUERY',
        filter: null,
        jql: '',
        add: true,
        placeUnder: null,
        placeIsGone: false,
        allowMove: false,
        remove: false,
        removeOnlyFromPlacement: false,
      };
    case 'SUB_TASKS':
      return { kind, issueTypes: [] };
    case 'LINKS':
      return {
        kind,
        linkType: null,
        parentEnd: 'SOURCE',
        parentJql: '',
        subIssueJql: '',
        scope: 'IN_STRUCTURE',
        unlinkedRows: 'KEEP',
        primacy: 'TWO_WAY',
      };
    case 'AGILE':
      return {
        kind,
        source: 'BOARD',
        board: null,
        projectKeys: [],
        syncRank: true,
        rankMode: 'INDEPENDENT',
        syncEpics: true,
        addSubTasks: false,
      };
    case 'STATUS_ROLLUP':
      return { kind, projectKeys: [], issueTypes: [], statuses: [], resolution: '' };
  }
}

/** What a row is called: the name of its folder, or the key and the summary of its issue. */
export function nameOfRow({ item }: Pick<RowNameFragment, 'item'>): string {
  return item.__typename === 'Folder' ? item.name : `${item.key} ${item.summary}`.trim();
}

/**
 * The rule that the settings of a synchronizer say. A row that is gone and the top level look the
 * same in them; that the synchronizer cannot run, though nothing else is gone, tells them apart.
 */
export function fromSettings(settings: RuleSettings, state: SynchronizerState): Rule {
  switch (settings.__typename) {
    case 'SavedFilterSettings': {
      const { savedFilter, jql, placeUnder, add, allowMove, remove, removeOnlyFromPlacement } =
        settings;
      return {
        kind: 'SAVED_FILTER',
        source: jql === null ? 'FILTER' : 'QUERY',
        filter: savedFilter,
        jql: jql ?? '',
        add,
        placeIsGone:
          state === 'NOT_AVAILABLE' && !placeUnder && (jql !== null || savedFilter !== null),
        placeUnder: placeUnder && { id: placeUnder.id, name: nameOfRow(placeUnder) },
        allowMove,
        remove,
        removeOnlyFromPlacement,
      };
    }
    case 'SubTasksSettings':
      return { kind: 'SUB_TASKS', issueTypes: settings.issueTypes };
    case 'LinksSettings': {
      const { linkType, parentEnd, parentJql, subIssueJql, scope, unlinkedRows, primacy } =
        settings;
      return {
        kind: 'LINKS',
        linkType,
        parentEnd,
        parentJql: parentJql ?? '',
        subIssueJql: subIssueJql ?? '',
        scope,
        unlinkedRows,
        primacy,
      };
    }
    case 'AgileSettings': {
      const { board, boardProjects, syncRank, rankMode, syncEpics, addSubTasks } = settings;
      return {
        kind: 'AGILE',
        source: boardProjects ? 'PROJECTS' : 'BOARD',
        board,
        projectKeys: boardProjects ?? [],
        syncRank,
        rankMode,
        syncEpics,
        addSubTasks,
      };
    }
    case 'StatusRollupSettings': {
      const { projectKeys, issueTypes, statuses, resolution } = settings;
      return {
        kind: 'STATUS_ROLLUP',
        projectKeys,
        issueTypes,
        statuses,
        resolution: resolution ?? '',
      };
    }
  }
}

/** A rule as the API takes it. What another setting makes meaningless is left off. */
export function toInput(rule: Rule): SynchronizerSettingsInput {
  switch (rule.kind) {
    case 'SAVED_FILTER': {
      const { source, filter, jql, add, placeUnder, allowMove, remove } = rule;
      return {
        savedFilter: {
          ...(source === 'FILTER' ? { savedFilterId: filter?.id ?? '' } : { jql: jql.trim() }),
          add,
          placeUnder: placeUnder?.id ?? null,
          allowMove: allowMove && placeUnder !== null,
          remove,
          removeOnlyFromPlacement: remove && rule.removeOnlyFromPlacement,
        },
      };
    }
    case 'SUB_TASKS':
      return { subTasks: { issueTypes: rule.issueTypes } };
    case 'LINKS': {
      const { linkType, parentEnd, parentJql, subIssueJql, scope, unlinkedRows, primacy } = rule;
      return {
        links: {
          linkTypeId: linkType?.id ?? '',
          parentEnd,
          parentJql: parentJql.trim() || null,
          subIssueJql: subIssueJql.trim() || null,
          scope,
          unlinkedRows,
          primacy,
        },
      };
    }
    case 'AGILE': {
      const { source, board, projectKeys, syncRank, rankMode, syncEpics, addSubTasks } = rule;
      return {
        agile: {
          ...(source === 'BOARD' ? { boardId: board?.id ?? '' } : { projectKeys }),
          syncRank,
          rankMode,
          syncEpics,
          addSubTasks,
        },
      };
    }
    case 'STATUS_ROLLUP': {
      const { projectKeys, issueTypes, statuses, resolution } = rule;
      return {
        statusRollup: {
          projectKeys,
          issueTypes,
          statuses,
          resolution: resolution.trim() || null,
        },
      };
    }
  }
}
