// The normalised cache of the console: what is read or told about an object anywhere is seen by
// every page that shows it. Objects are known by their global ids; what has none is part of the
// object that holds it.

import { cacheExchange, type Cache, type KeyingConfig } from '@urql/exchange-graphcache';
import type { Exchange } from 'urql';
import type { JobsFeedSubscription } from './jobs-feed.generated';

/** Types without an id of their own. */
const EMBEDDED = [
  'AgileSettings',
  'Change',
  'ChangeConnection',
  'ChangeCounts',
  'ChangeEdge',
  'Folder',
  'IssueChange',
  'IssueChangeConnection',
  'IssueChangeEdge',
  'IssueConnection',
  'IssueEdge',
  'IssueType',
  'JobConnection',
  'JobEdge',
  'JobError',
  'JobLogEntry',
  'JobProgress',
  'LinksSettings',
  'PageInfo',
  'RowConnection',
  'RowEdge',
  'SavedFilterConnection',
  'SavedFilterEdge',
  'SavedFilterSettings',
  'ServerInfo',
  'Status',
  'StatusRollupSettings',
  'StructureChange',
  'StructureChangeConnection',
  'StructureChangeEdge',
  'StructureConnection',
  'StructureEdge',
  'SubTasksSettings',
  'SynchronizerWarning',
  'Transition',
  'UserError',
  'Workflow',
];

const keys: KeyingConfig = Object.fromEntries(EMBEDDED.map((type) => [type, () => null]));

/** Forgets the answers of fields of `Query`, so that who shows one asks again. */
function forget(cache: Cache, ...fields: string[]) {
  for (const { fieldName, fieldKey } of cache.inspectFields('Query')) {
    if (fields.includes(fieldName)) cache.invalidate('Query', fieldKey);
  }
}

/** Forgets the jobs of a synchronizer, so that who lists them asks again. */
function forgetJobsOf(cache: Cache, id: string) {
  const synchronizer = { __typename: 'Synchronizer', id };
  for (const { fieldName, fieldKey } of cache.inspectFields(synchronizer)) {
    if (fieldName === 'jobs') cache.invalidate(synchronizer, fieldKey);
  }
}

/** Makes the cache of one connection. */
export function createCache(): Exchange {
  // Lists hold a job from its second word on: at the first they are read again.
  const told = new Set<string>();
  return cacheExchange({
    keys,
    updates: {
      Mutation: {
        createStructure: (_result, _args, cache) => forget(cache, 'structures'),
        deleteStructure: (_result, _args, cache) => forget(cache, 'structures', 'jobs'),
        uninstallSynchronizer: (_result, args, cache) =>
          cache.invalidate({ __typename: 'Synchronizer', id: (args as { id: string }).id }),
        createSavedFilter: (_result, _args, cache) => forget(cache, 'savedFilters'),
        createBoard: (_result, _args, cache) => forget(cache, 'boards'),
      },
      Subscription: {
        jobs(result, _args, cache) {
          const { id, synchronizer } = (result as unknown as JobsFeedSubscription).jobs;
          if (told.has(id)) return;
          told.add(id);
          forget(cache, 'jobs');
          if (synchronizer) forgetJobsOf(cache, synchronizer.id);
        },
      },
    },
  });
}
