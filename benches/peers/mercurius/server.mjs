// The pages that Understory serves, as a Node developer would serve them who cares for speed:
// mercurius with its compiler, better-sqlite3, the hierarchy in memory, the issues of a page read by
// one statement. Started with the path of a database; prints where it listens.
import Database from 'better-sqlite3';
import Fastify from 'fastify';
import mercurius from 'mercurius';

const PAGE = 50;

const schema = `
  enum StatusCategory { TO_DO IN_PROGRESS DONE }
  type Status { name: String! category: StatusCategory! }
  type Issue { id: ID! key: String! summary: String! status: Status! }
  type Folder { name: String! }
  union RowItem = Issue | Folder
  type Row { id: ID! depth: Int! parent: Row item: RowItem! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type RowConnection { nodes: [Row!]! pageInfo: PageInfo! }
  type Structure { id: ID! rows(first: Int, after: String): RowConnection! }
  type Query { structure(id: ID!): Structure }
`;

const database = new Database(process.argv[2], { readonly: true });
const forest = readForest();
const readIssues = database.prepare(
  `SELECT issue.id, key, summary, status.name AS status, category
   FROM issue JOIN status ON status.id = issue.status_id
   WHERE issue.id IN (${Array(PAGE).fill('?').join(', ')})`,
);

// Rows in depth-first order, and where each stands.
function readForest() {
  const children = new Map();
  const all = database.prepare(
    'SELECT id, parent_id, issue_id, folder FROM forest_row ORDER BY parent_id, position, id',
  );
  for (const row of all.iterate()) {
    const siblings = children.get(row.parent_id);
    if (siblings) siblings.push(row);
    else children.set(row.parent_id, [row]);
  }
  const rows = [];
  const open = [...(children.get(null) ?? [])].reverse().map((row) => [row, null]);
  while (open.length > 0) {
    const [{ id, issue_id, folder }, parent] = open.pop();
    const row = { id, issue: issue_id, folder, parent, depth: parent ? parent.depth + 1 : 0 };
    rows.push(row);
    const below = children.get(id) ?? [];
    for (let at = below.length - 1; at >= 0; at--) open.push([below[at], row]);
  }
  return { rows, index: new Map(rows.map((row, index) => [row.id, index])) };
}

const encode = (id) => Buffer.from(`row:${id}`).toString('base64url');
const decode = (cursor) => Number(Buffer.from(cursor, 'base64url').toString().slice(4));

function page(first, after) {
  const from = after == null ? 0 : forest.index.get(decode(after)) + 1;
  const rows = forest.rows.slice(from, from + Math.min(first ?? PAGE, 10 * PAGE));
  const issues = new Map();
  for (let at = 0; at < rows.length; at += PAGE) {
    const wanted = rows.slice(at, at + PAGE).map((row) => row.issue ?? 0);
    while (wanted.length < PAGE) wanted.push(0);
    for (const it of readIssues.all(wanted)) {
      issues.set(it.id, {
        __typename: 'Issue',
        id: encode(it.id),
        key: it.key,
        summary: it.summary,
        status: { name: it.status, category: it.category },
      });
    }
  }
  const nodes = rows.map((row) => ({
    id: encode(row.id),
    depth: row.depth,
    parent: row.parent && { id: encode(row.parent.id), depth: row.parent.depth },
    item: issues.get(row.issue) ?? { __typename: 'Folder', name: row.folder },
  }));
  const last = rows.at(-1);
  return {
    nodes,
    pageInfo: {
      hasNextPage: from + rows.length < forest.rows.length,
      endCursor: last ? encode(last.id) : null,
    },
  };
}

const resolvers = {
  Query: { structure: (_, { id }) => ({ id }) },
  Structure: { rows: (_, { first, after }) => page(first, after) },
  RowItem: { resolveType: (item) => item.__typename },
};

const app = Fastify();
await app.register(mercurius, { schema, resolvers, jit: 1 });
const address = await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`listening on ${address}/\n`);
