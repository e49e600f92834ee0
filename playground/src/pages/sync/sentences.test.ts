import { expect, test } from 'vitest';
import { newRule, type Rule } from './rule';
import { describe, toText } from './sentences';

const linkType = { id: 'L1', name: 'Includes', inward: 'is included in', outward: 'includes' };
const board = { id: 'B1', name: 'Team board', jql: '', ranked: true };
const later = { id: 'R1', name: 'Later' };

function words<Kind extends Rule['kind']>(
  kind: Kind,
  changes: Partial<Extract<Rule, { kind: Kind }>> = {},
): string[] {
  return describe({ ...newRule(kind), ...changes } as Rule).map(toText);
}

test('a saved filter adds, moves and removes', () => {
  const jql = 'project = GRO';
  expect(words('SAVED_FILTER')).toEqual([
    'Adds all issues that are missing, at the end of the top level.',
    'Removes nothing.',
  ]);
  expect(words('SAVED_FILTER', { jql, placeUnder: later })[0]).toBe(
    'Adds issues of project = GRO that are missing, under Later.',
  );
  expect(words('SAVED_FILTER', { jql, placeUnder: later, allowMove: true })[0]).toBe(
    'Keeps issues of project = GRO under Later: adds those that are missing and moves those that stand elsewhere.',
  );
  expect(words('SAVED_FILTER', { jql, placeUnder: later, allowMove: true, add: false })[0]).toBe(
    'Moves issues of project = GRO that stand elsewhere under Later. Adds none.',
  );
  const filter = { id: 'F1', name: 'Open work', jql };
  expect(words('SAVED_FILTER', { source: 'FILTER', filter, remove: true })).toEqual([
    'Adds issues of the saved filter Open work that are missing, at the end of the top level.',
    'Removes rows of issues that are not among them, anywhere in the structure.',
  ]);
  expect(
    words('SAVED_FILTER', { jql, remove: true, removeOnlyFromPlacement: true, placeUnder: later }),
  ).toContain('Removes rows of issues that are not among them, directly under Later.');
  expect(
    words('SAVED_FILTER', { jql, add: false, remove: true, removeOnlyFromPlacement: true }),
  ).toEqual(['Removes rows whose issue is not in project = GRO, at the top level. Adds none.']);
});

test('a place that is gone is told as such', () => {
  expect(
    words('SAVED_FILTER', { placeIsGone: true, remove: true, removeOnlyFromPlacement: true }),
  ).toEqual([
    'Adds all issues that are missing, under a row that is gone.',
    'Removes rows of issues that are not among them, directly under a row that is gone.',
  ]);
});

test('without a placement nothing is moved, whatever the setting says', () => {
  expect(words('SAVED_FILTER', { allowMove: true })[0]).not.toContain('moves');
});

test('sub-tasks of all types, or of some', () => {
  expect(words('SUB_TASKS')).toEqual([
    'Keeps sub-tasks under their parents: adds those that are missing and moves those that stand elsewhere.',
  ]);
  expect(words('SUB_TASKS', { issueTypes: ['Sub-task', 'Review', 'Test'] })[0]).toContain(
    'of type Sub-task, Review or Test under',
  );
});

test('links say which end is the parent, and who wins', () => {
  expect(words('LINKS', { linkType })).toEqual([
    'Keeps Includes links and the hierarchy alike: a parent includes the issues below it.',
    'Looks at links between issues of the structure.',
    'A change on either side is carried to the other.',
  ]);
  expect(words('LINKS', { linkType, parentEnd: 'TARGET' })[0]).toContain(
    'a parent is included in the issues below it',
  );
  const all = words('LINKS', {
    linkType,
    parentJql: 'type = Epic',
    subIssueJql: 'type = Story',
    scope: 'ALL_ISSUES',
    unlinkedRows: 'REMOVE',
    primacy: 'STRUCTURE',
  });
  expect(all.slice(1)).toEqual([
    'Only issues of type = Epic are parents, only those of type = Story stand below them.',
    'Adds both ends of every such link. Rows without a link to their parent are removed.',
    'The structure wins: changes of links that contradict it are put back.',
  ]);
  expect(words('LINKS', { linkType, subIssueJql: 'type = Story' })[1]).toBe(
    'Only issues of type = Story stand below a parent.',
  );
  expect(words('LINKS', { unlinkedRows: 'MOVE_TO_TOP_LEVEL', primacy: 'TRACKER' })).toEqual([
    'Keeps links and the hierarchy alike.',
    'Looks at links between issues of the structure. Rows without a link to their parent move to the end of the top level.',
    'The links win: moves of rows that contradict them are put back.',
  ]);
});

test('an agile rule says what it keeps, of which issues', () => {
  expect(words('AGILE', { board })).toEqual([
    'Keeps the epics and ranks of issues of the board Team board and the hierarchy alike.',
    'Ranks follow the order of siblings, parent by parent.',
  ]);
  expect(
    words('AGILE', {
      source: 'PROJECTS',
      projectKeys: ['GRO', 'SEED'],
      syncEpics: false,
      rankMode: 'CONSECUTIVE',
      addSubTasks: true,
    }),
  ).toEqual([
    'Keeps the ranks of issues of the projects GRO and SEED and the hierarchy alike.',
    'Ranks follow the whole hierarchy from top to bottom.',
    'Puts sub-tasks under their parents.',
  ]);
  expect(words('AGILE', { board, syncRank: false, syncEpics: false, addSubTasks: true })).toEqual([
    'Puts sub-tasks of issues of the board Team board under their parents.',
  ]);
});

test('a rollup says whose status, in which order, and how it resolves', () => {
  expect(
    words('STATUS_ROLLUP', {
      projectKeys: ['GRO'],
      issueTypes: ['Story', 'Task'],
      statuses: ['To Do', 'In Progress', 'Done'],
      resolution: 'Fixed',
    }),
  ).toEqual([
    'Gives parents of type Story or Task in the project GRO the earliest status of their children: To Do → In Progress → Done.',
    'Leaves a parent alone while a child is in any other status.',
    'Resolves a parent that is done as Fixed.',
  ]);
  expect(words('STATUS_ROLLUP')).toHaveLength(2);
});
