// The plain words for what the API names.

import type {
  Direction,
  JobKind,
  JobState,
  Role,
  SynchronizerKind,
  SynchronizerState,
} from '../gql/schema';

/** What a synchronizer does, as a name. */
export const SYNCHRONIZER_KINDS: Record<SynchronizerKind, string> = {
  SAVED_FILTER: 'Saved filter',
  SUB_TASKS: 'Sub-tasks',
  LINKS: 'Links',
  AGILE: 'Agile board',
  STATUS_ROLLUP: 'Status rollup',
};

/** The same, by the type of the settings: what a one-off import or export runs. */
export const RULES = {
  SavedFilterSettings: SYNCHRONIZER_KINDS.SAVED_FILTER,
  SubTasksSettings: SYNCHRONIZER_KINDS.SUB_TASKS,
  LinksSettings: SYNCHRONIZER_KINDS.LINKS,
  AgileSettings: SYNCHRONIZER_KINDS.AGILE,
  StatusRollupSettings: SYNCHRONIZER_KINDS.STATUS_ROLLUP,
};

/** Whether a synchronizer works. */
export const SYNCHRONIZER_STATES: Record<SynchronizerState, string> = {
  ENABLED: 'Enabled',
  DISABLED: 'Disabled',
  NOT_AVAILABLE: 'Not available',
};

/** Where a job is in its life. */
export const JOB_STATES: Record<JobState, string> = {
  QUEUED: 'Queued',
  RUNNING: 'Running',
  CANCELLING: 'Cancelling',
  SUCCEEDED: 'Succeeded',
  PARTIALLY_SUCCEEDED: 'Partly succeeded',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
};

/** What a job is. */
export const JOB_KINDS: Record<JobKind, string> = {
  INCREMENTAL: 'Incremental synchronization',
  RESYNC: 'Resync',
  IMPORT: 'Import',
  EXPORT: 'Export',
  REVERT: 'Revert',
};

/** A direction, by what it changes. */
export const DIRECTIONS: Record<Direction, string> = {
  INTO_STRUCTURE: 'Into the structure',
  FROM_STRUCTURE: 'From the structure',
};

/** What a user may do everywhere. */
export const ROLES: Record<Role, string> = { ADMIN: 'Administrator', MEMBER: 'Member' };

/** A number of things: `1 row`, `2,000 rows`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}
