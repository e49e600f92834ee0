// What linters of GraphQL expect of a schema, Relay's rules included, and of operations. What is
// refused is refused here, each with its reason. Runs from the root of the checkout, because ESLint
// ignores what lies above its configuration.

import graphql from '@graphql-eslint/eslint-plugin';

const rule = (name) => `@graphql-eslint/${name}`;
const recommended = graphql.configs['flat/schema-recommended'].rules;
const [severity, naming] = recommended[rule('naming-convention')];

const language = {
  languageOptions: {
    parser: graphql.parser,
    parserOptions: {
      graphQLConfig: {
        schema: 'schema/schema.graphql',
        documents: 'schema/operations/*.graphql',
      },
    },
  },
  plugins: { '@graphql-eslint': graphql },
};

export default [
  {
    ...language,
    files: ['schema/schema.graphql'],
    rules: {
      ...recommended,
      ...graphql.configs['flat/schema-relay'].rules,
      // The server prints the schema, and puts descriptions of one line on one line.
      [rule('description-style')]: 'off',
      // "Type of an issue" and "type of a link" are terms of trackers, not types of types.
      [rule('naming-convention')]: [
        severity,
        { ...naming, 'ObjectTypeDefinition,ObjectTypeExtension': { forbiddenPrefixes: ['Type'] } },
      ],
      // What can be asked for again has an id. Counts, settings, payloads and the lines of an audit
      // are values of what they belong to.
      [rule('strict-id-in-types')]: 'off',
      // Most lists are read forwards only; the one that can be read from its end takes all four.
      [rule('relay-arguments')]: ['error', { includeBoth: false }],
      [rule('relay-edge-types')]: [
        'error',
        {
          withEdgeSuffix: true,
          // The lines of an audit or a history are values, not nodes.
          shouldImplementNode: false,
          // Short lists are plain lists, and connections have `nodes` beside their `edges`.
          listTypeCanWrapOnlyEdgeType: false,
        },
      ],
    },
  },
  {
    ...language,
    files: ['schema/operations/*.graphql'],
    rules: {
      ...graphql.configs['flat/operations-recommended'].rules,
      [rule('lone-executable-definition')]: 'error',
      [rule('match-document-filename')]: [
        'error',
        { query: 'kebab-case', mutation: 'kebab-case', subscription: 'kebab-case' },
      ],
      // People read the answers, no cache does, so ids are asked for where they lead on.
      [rule('require-selections')]: 'off',
    },
  },
];
