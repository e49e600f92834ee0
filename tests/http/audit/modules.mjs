// Where the npm packages are: a node_modules folder named by the environment, or the one beside this file.
import { createRequire } from 'node:module';
import path from 'node:path';

const folder = process.env.UNDERSTORY_HTTP_AUDIT_NODE_MODULES
  ? path.join(process.env.UNDERSTORY_HTTP_AUDIT_NODE_MODULES, '..', 'package.json')
  : import.meta.url;

export const load = createRequire(folder);

export function parameters() {
  const [url, token] = process.argv.slice(2);
  if (!url || !token) {
    console.error(`usage: node ${path.basename(process.argv[1])} URL TOKEN, e.g. http://127.0.0.1:8000/graphql …`);
    process.exit(2);
  }
  return { url, token };
}
