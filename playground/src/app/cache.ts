// The normalised cache of the console: what is read or told about an object anywhere is seen by
// every page that shows it. Objects are known by their global ids; what has none is part of the
// object that holds it.

import {
  cacheExchange,
  type Cache,
  type Entity,
  type KeyingConfig,
} from '@urql/exchange-graphcache';
import type { Exchange } from 'urql';
import type { JobsFeedSubscription } from './jobs-feed.generated';
import { watchTurns } from './jobs-feed';

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

/** Forgets the answers of fields of an object, so that who shows one asks again. */
function forgetOf(cache: Cache, entity: Entity, ...fields: string[]) {
  for (const { fieldName, fieldKey } of cache.inspectFields(entity)) {
    if (fields.includes(fieldName)) cache.invalidate(entity, fieldKey);
  }
}

/** Forgets the answers of fields of `Query`. */
function forget(cache: Cache, ...fields: string[]) {
  forgetOf(cache, 'Query', ...fields);
}

/** Lists of jobs are asked for again once a job begins or ends: it enters or leaves some. */
function followJobs() {
  const isTurn = watchTurns();
  return ({ jobs: job }: JobsFeedSubscription, cache: Cache) => {
    if (!isTurn(job)) return;
    forget(cache, 'jobs');
    const { synchronizer } = job;
    if (synchronizer) {
      forgetOf(cache, { __typename: 'Synchronizer', id: synchronizer.id }, 'jobs');
    }
  };
}

/** Makes the cache of one connection. */
export function createCache(): Exchange {
  const tellOfJob = followJobs();
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
        jobs: (result, _args, cache) => tellOfJob(result as JobsFeedSubscription, cache),
      },
    },
  });
}
