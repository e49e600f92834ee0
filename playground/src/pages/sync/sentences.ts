// What a rule does, in plain sentences: for the cards of the settings page, and beside the form
// while one fills it in.

import type { AgileRule, LinksRule, Rule, SavedFilterRule, StatusRollupRule } from './rule';

/** A piece of a sentence: words, a query, or the name that somebody gave something. */
export type Part = string | { query: string } | { name: string };

/** A sentence in pieces. */
export type Sentence = Part[];

/** The sentences that say what a rule does, the most important first. */
export function describe(rule: Rule): Sentence[] {
  switch (rule.kind) {
    case 'SAVED_FILTER':
      return describeSavedFilter(rule);
    case 'SUB_TASKS':
      return [
        [
          'Keeps sub-tasks ',
          ...(rule.issueTypes.length > 0 ? ['of type ', ...list(rule.issueTypes, 'or'), ' '] : []),
          'under their parents: adds those that are missing and moves those that stand elsewhere.',
        ],
      ];
    case 'LINKS':
      return describeLinks(rule);
    case 'AGILE':
      return describeAgile(rule);
    case 'STATUS_ROLLUP':
      return describeRollup(rule);
  }
}

/** A sentence as text alone. */
export function toText(sentence: Sentence): string {
  return sentence
    .map((part) => (typeof part === 'string' ? part : 'query' in part ? part.query : part.name))
    .join('');
}

/** Names in a row: `A`, `A and B`, `A, B and C`. */
function list(names: readonly string[], last: 'and' | 'or'): Sentence {
  return names.flatMap((name, at) => {
    const before = at === 0 ? [] : at === names.length - 1 ? [` ${last} `] : [', '];
    return [...before, { name }];
  });
}

function describeSavedFilter(rule: SavedFilterRule): Sentence[] {
  const { source, filter, jql, add, placeUnder, remove } = rule;
  const move = rule.allowMove && placeUnder !== null;
  const issues: Sentence =
    source === 'FILTER'
      ? filter
        ? ['issues of the saved filter ', { name: filter.name }]
        : ['issues of a saved filter']
      : jql.trim()
        ? ['issues of ', { query: jql.trim() }]
        : ['all issues'];
  const at = (topLevel: string): Sentence =>
    placeUnder
      ? ['under ', { name: placeUnder.name }]
      : [rule.placeIsGone ? 'under a row that is gone' : topLevel];
  const place = at('at the end of the top level');
  const sentences: Sentence[] = [];
  if (add && move) {
    sentences.push([
      'Keeps ',
      ...issues,
      ' ',
      ...place,
      ': adds those that are missing and moves those that stand elsewhere.',
    ]);
  } else if (add) {
    sentences.push(['Adds ', ...issues, ' that are missing, ', ...place, '.']);
  } else if (move) {
    sentences.push(['Moves ', ...issues, ' that stand elsewhere ', ...place, '. Adds none.']);
  }
  if (remove) {
    const where: Sentence = rule.removeOnlyFromPlacement
      ? [placeUnder || rule.placeIsGone ? 'directly ' : '', ...at('at the top level')]
      : ['anywhere in the structure'];
    const result: Sentence =
      source === 'FILTER' && filter
        ? ['the saved filter ', { name: filter.name }]
        : source === 'QUERY' && jql.trim()
          ? [{ query: jql.trim() }]
          : ['the result'];
    sentences.push(
      sentences.length > 0
        ? ['Removes rows of issues that are not among them, ', ...where, '.']
        : ['Removes rows whose issue is not in ', ...result, ', ', ...where, '. Adds none.'],
    );
  } else {
    sentences.push(['Removes nothing.']);
  }
  return sentences;
}

/** How the parent of a link sees the other issue: `includes`, or `is included in`. */
export function parentRole({ linkType, parentEnd }: LinksRule): string | null {
  return linkType && (parentEnd === 'SOURCE' ? linkType.outward : linkType.inward);
}

function describeLinks(rule: LinksRule): Sentence[] {
  const { linkType, scope, unlinkedRows, primacy } = rule;
  const role = parentRole(rule);
  const sentences: Sentence[] = [
    linkType && role
      ? [
          'Keeps ',
          { name: linkType.name },
          ' links and the hierarchy alike: a parent ',
          { name: role },
          ' the issues below it.',
        ]
      : ['Keeps links and the hierarchy alike.'],
  ];
  const [parents, children] = [rule.parentJql.trim(), rule.subIssueJql.trim()];
  if (parents && children) {
    sentences.push([
      'Only issues of ',
      { query: parents },
      ' are parents, only those of ',
      { query: children },
      ' stand below them.',
    ]);
  } else if (parents) {
    sentences.push(['Only issues of ', { query: parents }, ' are parents.']);
  } else if (children) {
    sentences.push(['Only issues of ', { query: children }, ' stand below a parent.']);
  }
  sentences.push([SCOPES[scope], ...(unlinkedRows === 'KEEP' ? [] : [UNLINKED[unlinkedRows]])]);
  sentences.push([PRIMACIES[primacy]]);
  return sentences;
}

const SCOPES: Record<LinksRule['scope'], string> = {
  IN_STRUCTURE: 'Looks at links between issues of the structure.',
  EXPAND_TO_SUB_ISSUES: 'Adds sub-issues that are linked to issues of the structure.',
  ALL_ISSUES: 'Adds both ends of every such link.',
};

const UNLINKED: Record<Exclude<LinksRule['unlinkedRows'], 'KEEP'>, string> = {
  MOVE_TO_TOP_LEVEL: ' Rows without a link to their parent move to the end of the top level.',
  REMOVE: ' Rows without a link to their parent are removed.',
};

const PRIMACIES: Record<LinksRule['primacy'], string> = {
  TWO_WAY: 'A change on either side is carried to the other.',
  STRUCTURE: 'The structure wins: changes of links that contradict it are put back.',
  TRACKER: 'The links win: moves of rows that contradict them are put back.',
};

function describeAgile(rule: AgileRule): Sentence[] {
  const { source, board, projectKeys, syncRank, rankMode, syncEpics, addSubTasks } = rule;
  const of: Sentence =
    source === 'BOARD'
      ? ['issues of ', ...(board ? ['the board ', { name: board.name }] : ['a board'])]
      : projectKeys.length === 0
        ? ['issues of projects']
        : [
            projectKeys.length === 1 ? 'issues of the project ' : 'issues of the projects ',
            ...list(projectKeys, 'and'),
          ];
  const kept = [syncEpics && 'epics', syncRank && 'ranks'].filter((what) => what !== false);
  const sentences: Sentence[] = [];
  if (kept.length > 0) {
    sentences.push(['Keeps the ', kept.join(' and '), ' of ', ...of, ' and the hierarchy alike.']);
  }
  if (syncRank) sentences.push([RANK_MODES[rankMode]]);
  if (addSubTasks) {
    sentences.push(
      kept.length > 0
        ? ['Puts sub-tasks under their parents.']
        : ['Puts sub-tasks of ', ...of, ' under their parents.'],
    );
  }
  return sentences;
}

const RANK_MODES: Record<AgileRule['rankMode'], string> = {
  INDEPENDENT: 'Ranks follow the order of siblings, parent by parent.',
  CONSECUTIVE: 'Ranks follow the whole hierarchy from top to bottom.',
};

function describeRollup(rule: StatusRollupRule): Sentence[] {
  const { projectKeys, issueTypes, statuses, resolution } = rule;
  const parents: Sentence = [
    'parents',
    ...(issueTypes.length > 0 ? [' of type ', ...list(issueTypes, 'or')] : []),
    ...(projectKeys.length > 0
      ? [
          projectKeys.length === 1 ? ' in the project ' : ' in the projects ',
          ...list(projectKeys, 'and'),
        ]
      : []),
  ];
  const order = statuses.flatMap((name, at): Sentence =>
    at === 0 ? [{ name }] : [' → ', { name }],
  );
  const sentences: Sentence[] = [
    statuses.length > 0
      ? ['Gives ', ...parents, ' the earliest status of their children: ', ...order, '.']
      : ['Gives ', ...parents, ' the earliest status of their children.'],
    ['Leaves a parent alone while a child is in any other status.'],
  ];
  if (resolution.trim()) {
    sentences.push(['Resolves a parent that is done as ', { name: resolution.trim() }, '.']);
  }
  return sentences;
}
