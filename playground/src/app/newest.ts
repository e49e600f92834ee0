// Snapshots of jobs arrive by two ways, as answers and as news, so an older one may come last. Of
// each job the newest that was seen is kept, and what is older takes its values: a job never goes
// backwards on the page.

import { mapExchange, type Exchange } from 'urql';

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a value says something of its object alone, and not of another that has an id. */
function isOwn(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isOwn);
  return !isObject(value) || !('id' in value);
}

/** Replaces what is old in an answer; `known` holds the newest snapshot of each job. */
export function keepNewest(known: Map<string, Fields>, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => keepNewest(known, item));
  if (!isObject(value)) return value;
  let fields = value;
  const { __typename, id, revision } = value;
  if (__typename === 'Job' && typeof id === 'string' && typeof revision === 'number') {
    const held = known.get(id);
    if (held && (held['revision'] as number) > revision) {
      const newer = Object.entries(held).filter(([name]) => name in value && isOwn(value[name]));
      fields = { ...value, ...Object.fromEntries(newer) };
    } else {
      const own = Object.fromEntries(Object.entries(value).filter(([, field]) => isOwn(field)));
      known.set(id, held?.['revision'] === revision ? { ...held, ...own } : own);
    }
  }
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, keepNewest(known, field)]),
  );
}

/** Stands between the network and the cache. */
export function newestExchange(): Exchange {
  const known = new Map<string, Fields>();
  return mapExchange({
    onResult: (result) =>
      result.data ? { ...result, data: keepNewest(known, result.data) } : result,
  });
}
