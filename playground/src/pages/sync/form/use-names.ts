// Which projects, types, statuses and resolutions there are. The API lists none of them, so they
// are gathered from issues: each query rules out what the ones before it found, until none is left.

import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { NamesOnIssuesDocument, type NamesOnIssuesQuery } from './form.generated';
import { otherThan } from './jql';

type Issue = NamesOnIssuesQuery['issues']['nodes'][number];

/** A field of issues whose values can be gathered. */
export type NamedField = 'project' | 'issuetype' | 'sub-task type' | 'status' | 'resolution';

const STEPS = ['TO_DO', 'IN_PROGRESS', 'DONE'];
/** Enough for any tracker that people still find their way in. */
const MOST_QUERIES = 40;

const FIELDS: Record<NamedField, { field: string; read: (issue: Issue) => string | null }> = {
  project: { field: 'project', read: ({ projectKey }) => projectKey },
  issuetype: { field: 'issuetype', read: ({ type }) => type.name },
  'sub-task type': { field: 'issuetype', read: ({ type }) => type.name },
  status: { field: 'status', read: ({ status }) => status.name },
  resolution: { field: 'resolution', read: ({ resolution }) => resolution },
};

/** The names that occur on issues; statuses in the order of their categories. */
export function useNames(of: NamedField): readonly string[] {
  const client = useClient();
  const [names, setNames] = useState<readonly string[]>([]);
  useEffect(() => {
    let left = false;
    const { field, read } = FIELDS[of];
    const found = new Map<string, Issue>();
    const gather = async () => {
      for (let query = 0; query < MOST_QUERIES && !left; query += 1) {
        const jql = otherThan(field, [...found.keys()]);
        const { data } = await client.query(NamesOnIssuesDocument, { jql }).toPromise();
        const before = found.size;
        for (const issue of data?.issues.nodes ?? []) {
          const name = read(issue);
          if (name !== null && !found.has(name)) found.set(name, issue);
        }
        if (found.size === before || left) return;
        setNames(sorted(of, [...found]));
      }
    };
    void gather();
    return () => {
      left = true;
    };
  }, [client, of]);
  return names;
}

function sorted(of: NamedField, found: [string, Issue][]): string[] {
  const step = ({ status }: Issue) => (of === 'status' ? STEPS.indexOf(status.category) : 0);
  return found
    .filter(([, { type }]) => of !== 'sub-task type' || type.subTask)
    .sort(([a, one], [b, other]) => step(one) - step(other) || a.localeCompare(b))
    .map(([name]) => name);
}
