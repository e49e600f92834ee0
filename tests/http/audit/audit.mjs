// GraphQL over HTTP: all audits of the npm package graphql-http, MUST, SHOULD and MAY.
//
//   npm ci && node audit.mjs http://127.0.0.1:8000/graphql TOKEN
//
// Exits with 1 if any is not ok, warnings and notices included.
import { load, parameters } from './modules.mjs';

const { serverAudits } = load('graphql-http');
const { url, token } = parameters();

const authorized = (input, init = {}) =>
  fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });

let failed = 0;
let passed = 0;
for (const audit of serverAudits({ url, fetchFn: authorized })) {
  const result = await audit.fn();
  if (result.status === 'ok') {
    passed += 1;
  } else {
    failed += 1;
    console.log(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`);
  }
}
console.log(`${passed} ok, ${failed} not`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
