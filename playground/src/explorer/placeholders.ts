// Example variables name things instead of carrying identifiers, which differ from server to
// server: a string such as "$firstStructure" is replaced by the identifier of what it names when
// the operation is opened. schema/operations/README.md lists the names.

import type { Connection } from '../app/connection';

type Find = (connection: Connection) => Promise<string | undefined>;

interface Structures {
  structures: { nodes: { id: string; synchronizers: { id: string; kind: string }[] }[] };
}

const finders: Record<string, Find> = {
  async $firstStructure(connection) {
    const { structures } = await connection.request<Structures>(
      '{ structures(first: 1) { nodes { id } } }',
    );
    return structures.nodes[0]?.id;
  },

  async $firstLeafRow(connection) {
    interface Rows {
      structures: { nodes: { rows: { nodes: { id: string; childCount: number }[] } }[] };
    }
    const { structures } = await connection.request<Rows>(
      '{ structures(first: 1) { nodes { rows(first: 100) { nodes { id childCount } } } } }',
    );
    return structures.nodes[0]?.rows.nodes.find((row) => row.childCount === 0)?.id;
  },

  async $firstSynchronizer(connection) {
    const { structures } = await connection.request<Structures>(
      '{ structures(first: 50) { nodes { id synchronizers { id kind } } } }',
    );
    const all = structures.nodes.flatMap((structure) => structure.synchronizers);
    return (all.find(({ kind }) => kind === 'SAVED_FILTER') ?? all[0])?.id;
  },

  async $newestJob(connection) {
    const { jobs } = await connection.request<{ jobs: { nodes: { id: string }[] } }>(
      '{ jobs(first: 1) { nodes { id } } }',
    );
    return jobs.nodes[0]?.id;
  },
};

/** Variables with their placeholders replaced, and the placeholders that name nothing yet. */
export interface Filled {
  variables: string;
  missing: string[];
}

/** Replaces the placeholders in the JSON text of an operation's variables. */
export async function fillPlaceholders(variables: string, connection: Connection): Promise<Filled> {
  let filled = variables;
  const missing: string[] = [];
  for (const [name, find] of Object.entries(finders)) {
    const quoted = JSON.stringify(name);
    if (!filled.includes(quoted)) continue;
    // A question that the server refuses (a feature is off) is one that finds nothing.
    const id = await find(connection).catch(() => undefined);
    if (id === undefined) missing.push(name);
    else filled = filled.replaceAll(quoted, JSON.stringify(id));
  }
  return { variables: filled, missing };
}
