// The npm clients graphql-ws and graphql-sse, against a running server.
//
//   npm ci && node clients.mjs http://127.0.0.1:8000/graphql TOKEN
//
// Needs nothing of the schema but `__typename`. Exits with 1 if a client is not content.
import assert from 'node:assert/strict';
import { load, parameters } from './modules.mjs';

const { url, token } = parameters();
const query = '{ __typename }';
const expected = { data: { __typename: 'Query' } };

async function all(results) {
  const seen = [];
  for await (const result of results) seen.push(result);
  return seen;
}

// A client ends a broken connection with the close event, so that it can be looked at.
function overSocket(payload) {
  return load('graphql-ws').createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: load('ws'),
    connectionParams: payload,
    keepAlive: 20,
    lazy: true,
    retryAttempts: 0,
  });
}

for (const payload of [{ token }, { Authorization: `Bearer ${token}` }]) {
  const client = overSocket(payload);
  assert.deepEqual(await all(client.iterate({ query })), [expected]);
  // The ping of the client was answered, or the connection would be gone.
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(await all(client.iterate({ query })), [expected]);
  await assert.rejects(all(client.iterate({ query: '{ nope }' })), (errors) => {
    assert.equal(errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
    return true;
  });
  await client.dispose();
}
const refused = overSocket({ token: 'bad' });
await assert.rejects(all(refused.iterate({ query })), (event) => event.code === 4403);

const overEvents = (bearer) =>
  load('graphql-sse').createClient({
    url: `${url}/stream`,
    headers: { authorization: `Bearer ${bearer}` },
    retryAttempts: 0,
  });
const events = overEvents(token);
assert.deepEqual(await all(events.iterate({ query })), [expected]);
const [invalid] = await all(events.iterate({ query: '{ nope }' }));
assert.equal(invalid.errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
await assert.rejects(all(overEvents('bad').iterate({ query })));

console.log('graphql-ws and graphql-sse are content');
process.exit(0);
