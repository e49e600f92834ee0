// Validates the example operations against a schema: node scripts/check-operations.mjs [SCHEMA]
// The default is the schema that the server serves, schema/schema.graphql.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSchema, getVariableValues, parse, validate } from 'graphql';

const here = import.meta.dirname;
const folder = join(here, '../../schema/operations');
const schemaPath = process.argv[2] ?? join(here, '../../schema/schema.graphql');
const schema = buildSchema(readFileSync(schemaPath, 'utf8'));
const files = readdirSync(folder);
const placeholders = [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/`"(\$\w+)"`/g)];
const known = new Set(placeholders.map(([, name]) => name));

const problems = [];
let checked = 0;

for (const file of files.filter((name) => name.endsWith('.graphql'))) {
  const text = readFileSync(join(folder, file), 'utf8');
  const report = (message) => problems.push(`${file}: ${message}`);
  checked += 1;
  try {
    const document = parse(text);
    if (!text.startsWith('# ')) report('has no leading comment');
    validate(schema, document).forEach((error) => report(error.message));
    const operations = document.definitions.filter((node) => node.kind === 'OperationDefinition');
    if (operations.length !== 1) report(`holds ${operations.length} operations instead of one`);
    else checkVariables(operations[0], readVariables(basename(file, '.graphql')), report);
  } catch (error) {
    report(error.message);
  }
}
for (const file of files.filter((name) => name.endsWith('.json'))) {
  if (!files.includes(file.replace(/json$/, 'graphql'))) problems.push(`${file}: has no operation`);
}

problems.forEach((problem) => console.error(problem));
console.log(`${checked} operations checked, ${problems.length} problems`);
process.exitCode = problems.length > 0 || checked === 0 ? 1 : 0;

function readVariables(name) {
  return files.includes(`${name}.json`)
    ? JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))
    : {};
}

function checkVariables(operation, variables, report) {
  const declared = operation.variableDefinitions ?? [];
  // Placeholders stand where identifiers go, so they pass as the strings that they are.
  getVariableValues(schema, declared, variables).errors?.forEach((error) => report(error.message));
  const names = declared.map((definition) => definition.variable.name.value);
  for (const name of Object.keys(variables)) {
    if (!names.includes(name)) report(`has a value for $${name}, which it does not declare`);
  }
  for (const [, name] of JSON.stringify(variables).matchAll(/"(\$\w+)"/g)) {
    if (!known.has(name)) report(`uses the unknown placeholder ${name}`);
  }
}
