import { expect, test } from 'vitest';
import { findProblems, sortRefusals } from './problems';
import { fromSettings, newRule, toInput, type Rule, type RuleSettings } from './rule';

const filter = { id: 'F1', name: 'Open work', jql: 'status = Open' };
const board = { id: 'B1', name: 'Team board', jql: 'project = GRO', ranked: true };
const linkType = { id: 'L1', name: 'Includes', inward: 'is included in', outward: 'includes' };

const SAVED_FILTER = {
  __typename: 'SavedFilterSettings',
  savedFilter: filter,
  jql: null,
  add: true,
  placeUnder: {
    id: 'R1',
    depth: 0,
    item: { __typename: 'Issue', id: 'I1', key: 'GRO-1', summary: 'Grow' },
  },
  allowMove: true,
  remove: true,
  removeOnlyFromPlacement: true,
} satisfies RuleSettings;

const LINKS = {
  __typename: 'LinksSettings',
  linkType,
  parentEnd: 'TARGET',
  parentJql: 'type = Epic',
  subIssueJql: null,
  scope: 'ALL_ISSUES',
  unlinkedRows: 'REMOVE',
  primacy: 'TRACKER',
} satisfies RuleSettings;

const AGILE = {
  __typename: 'AgileSettings',
  board,
  boardProjects: null,
  syncRank: true,
  rankMode: 'CONSECUTIVE',
  syncEpics: false,
  addSubTasks: true,
} satisfies RuleSettings;

const ROLLUP = {
  __typename: 'StatusRollupSettings',
  projectKeys: ['GRO'],
  issueTypes: ['Story'],
  statuses: ['To Do', 'Done'],
  resolution: 'Fixed',
} satisfies RuleSettings;

test('settings of every kind come back as they were', () => {
  const { savedFilter: _, jql: __, placeUnder: ___, ...flags } = SAVED_FILTER;
  expect(toInput(fromSettings(SAVED_FILTER, 'DISABLED'))).toEqual({
    savedFilter: { savedFilterId: 'F1', placeUnder: 'R1', ...flags, __typename: undefined },
  });
  expect(
    toInput(
      fromSettings(
        {
          ...SAVED_FILTER,
          savedFilter: null,
          jql: 'project = GRO',
          placeUnder: null,
          allowMove: false,
        },
        'DISABLED',
      ),
    ),
  ).toEqual({
    savedFilter: {
      jql: 'project = GRO',
      add: true,
      placeUnder: null,
      allowMove: false,
      remove: true,
      removeOnlyFromPlacement: true,
    },
  });
  expect(
    toInput(fromSettings({ __typename: 'SubTasksSettings', issueTypes: ['Sub-task'] }, 'DISABLED')),
  ).toEqual({ subTasks: { issueTypes: ['Sub-task'] } });
  expect(toInput(fromSettings(LINKS, 'DISABLED'))).toEqual({
    links: {
      linkTypeId: 'L1',
      parentEnd: 'TARGET',
      parentJql: 'type = Epic',
      subIssueJql: null,
      scope: 'ALL_ISSUES',
      unlinkedRows: 'REMOVE',
      primacy: 'TRACKER',
    },
  });
  const agile = {
    syncRank: true,
    rankMode: 'CONSECUTIVE',
    syncEpics: false,
    addSubTasks: true,
  };
  expect(toInput(fromSettings(AGILE, 'DISABLED'))).toEqual({ agile: { boardId: 'B1', ...agile } });
  expect(
    toInput(fromSettings({ ...AGILE, board: null, boardProjects: ['GRO', 'SEED'] }, 'DISABLED')),
  ).toEqual({
    agile: { projectKeys: ['GRO', 'SEED'], ...agile },
  });
  expect(toInput(fromSettings(ROLLUP, 'DISABLED'))).toEqual({
    statusRollup: {
      projectKeys: ['GRO'],
      issueTypes: ['Story'],
      statuses: ['To Do', 'Done'],
      resolution: 'Fixed',
    },
  });
  expect(toInput(fromSettings({ ...ROLLUP, resolution: null }, 'DISABLED'))).toMatchObject({
    statusRollup: { resolution: null },
  });
});

test('what another setting makes meaningless is not sent', () => {
  const rule = fromSettings(SAVED_FILTER, 'DISABLED');
  expect(toInput({ ...rule, placeUnder: null } as Rule).savedFilter).toMatchObject({
    placeUnder: null,
    allowMove: false,
  });
  expect(toInput({ ...rule, remove: false } as Rule).savedFilter).toMatchObject({
    removeOnlyFromPlacement: false,
  });
});

test('a folder that issues are placed under goes by its name, an issue by key and summary', () => {
  const folder = { id: 'R2', depth: 0, item: { __typename: 'Folder', name: 'Later' } } as const;
  expect(fromSettings({ ...SAVED_FILTER, placeUnder: folder }, 'DISABLED')).toMatchObject({
    placeUnder: { id: 'R2', name: 'Later' },
  });
  expect(fromSettings(SAVED_FILTER, 'DISABLED')).toMatchObject({
    placeUnder: { name: 'GRO-1 Grow' },
  });
});

test('a new rule lacks only what has no default', () => {
  expect(findProblems(newRule('SAVED_FILTER'))).toEqual({});
  expect(findProblems(newRule('SUB_TASKS'))).toEqual({});
  expect(Object.keys(findProblems(newRule('LINKS')))).toEqual(['linkTypeId']);
  expect(Object.keys(findProblems(newRule('AGILE')))).toEqual(['boardId']);
  expect(Object.keys(findProblems(newRule('STATUS_ROLLUP')))).toEqual(['statuses']);
});

test('a rule that does nothing, or cannot be, is told before it is sent', () => {
  const query = fromSettings(SAVED_FILTER, 'DISABLED');
  expect(findProblems({ ...query, filter: null } as Rule)).toHaveProperty('savedFilterId');
  expect(
    findProblems({ ...query, add: false, remove: false, placeUnder: null } as Rule),
  ).toHaveProperty('rule');
  const agile = fromSettings(AGILE, 'DISABLED');
  expect(findProblems(agile)).toEqual({});
  expect(findProblems({ ...agile, board: { ...board, ranked: false } } as Rule)).toHaveProperty(
    'syncRank',
  );
  expect(findProblems({ ...agile, source: 'PROJECTS' } as Rule)).toHaveProperty('projectKeys');
  expect(findProblems({ ...agile, syncRank: false, addSubTasks: false } as Rule)).toHaveProperty(
    'rule',
  );
});

test('refusals go to their fields, whatever place in a list they name', () => {
  const { errors, others } = sortRefusals([
    {
      code: 'INVALID',
      field: ['input', 'settings', 'statusRollup', 'statuses', '1'],
      message: '“Foo” is no status',
    },
    { code: 'INVALID', field: ['input', 'settings', 'agile'], message: 'it would do nothing' },
    { code: 'INVALID', field: ['input', 'name'], message: 'Name is too long.' },
    { code: 'FORBIDDEN', field: ['input', 'structureId'], message: 'needs CONTROL' },
    { code: 'FEATURE_DISABLED', field: null, message: 'off' },
  ]);
  expect(errors).toEqual({
    statuses: '“Foo” is no status.',
    rule: 'It would do nothing.',
    name: 'Name is too long.',
  });
  expect(others.map(({ code }) => code)).toEqual(['FORBIDDEN', 'FEATURE_DISABLED']);
});

test('a place that is gone is not taken for the top level', () => {
  const settings = { ...SAVED_FILTER, placeUnder: null };
  const gone = fromSettings(settings, 'NOT_AVAILABLE');
  expect(gone).toMatchObject({ placeIsGone: true });
  expect(findProblems(gone)).toHaveProperty('placeUnder');
  expect(findProblems({ ...gone, placeIsGone: false } as Rule)).toEqual({});
  // With its filter gone as well nobody knows.
  expect(fromSettings({ ...settings, savedFilter: null }, 'NOT_AVAILABLE')).toMatchObject({
    placeIsGone: false,
  });
  expect(fromSettings(settings, 'ENABLED')).toMatchObject({ placeIsGone: false });
});
