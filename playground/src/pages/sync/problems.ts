// What is wrong with a rule, by field: what can be seen before it is sent, and what the server
// says after.

import type { UserError } from '../../ui/problems';
import { sentence } from '../../words/jobs';
import type { Rule } from './rule';

/** Sentences by the name that the API gives the field; `rule` is about the rule as a whole. */
export type FieldErrors = Partial<Record<string, string>>;

/** What is missing or makes no sense; the server checks the rest. */
export function findProblems(rule: Rule): FieldErrors {
  const errors: FieldErrors = {};
  switch (rule.kind) {
    case 'SAVED_FILTER':
      if (rule.source === 'FILTER' && !rule.filter) errors.savedFilterId = 'Choose a saved filter.';
      if (rule.placeIsGone) {
        errors.placeUnder = 'The row is gone: choose another one, or the top level.';
      }
      if (!rule.add && !rule.remove && !(rule.allowMove && rule.placeUnder)) {
        errors.rule = 'It would do nothing: let it add, move or remove rows.';
      }
      break;
    case 'LINKS':
      if (!rule.linkType) errors.linkTypeId = 'Choose a type of link.';
      break;
    case 'AGILE':
      if (rule.source === 'BOARD' && !rule.board) errors.boardId = 'Choose a board.';
      if (rule.source === 'PROJECTS' && rule.projectKeys.length === 0) {
        errors.projectKeys = 'Choose at least one project.';
      }
      if (rule.source === 'BOARD' && rule.board && !rule.board.ranked && rule.syncRank) {
        errors.syncRank = `The board “${rule.board.name}” is not ranked, so it has no order to keep.`;
      }
      if (!rule.syncRank && !rule.syncEpics && !rule.addSubTasks) {
        errors.rule = 'It would do nothing: let it keep the order, the epics or the sub-tasks.';
      }
      break;
    case 'STATUS_ROLLUP':
      if (rule.statuses.length === 0) errors.statuses = 'Add at least one status.';
      break;
    case 'SUB_TASKS':
      break;
  }
  return errors;
}

/**
 * The server's refusals by field: `input.settings.agile.projectKeys.0` is about `projectKeys`.
 * What no field of the form is about is returned apart.
 */
export function sortRefusals(refusals: readonly UserError[]): {
  errors: FieldErrors;
  others: UserError[];
} {
  const errors: FieldErrors = {};
  const others: UserError[] = [];
  for (const refusal of refusals) {
    const [, part, , field] = refusal.field ?? [];
    const name = part === 'settings' ? (field ?? 'rule') : part === 'name' ? 'name' : null;
    if (name) errors[name] ??= sentence(refusal.message);
    else others.push(refusal);
  }
  return { errors, others };
}
