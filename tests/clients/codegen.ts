// Types for the documents of the Apollo and urql examples, and for schema/operations: one client
// preset for each, as every front end has one of its own.

import type { CodegenConfig } from '@graphql-codegen/cli';

const typesFor = (documents: string) => ({
  preset: 'client',
  presetConfig: { fragmentMasking: false },
  config: { scalars: { DateTime: 'string' }, strictScalars: true, useTypeImports: true },
  documents,
});

const config: CodegenConfig = {
  schema: '../../schema/schema.graphql',
  generates: {
    'apollo/gql/': typesFor('apollo/*.tsx'),
    'urql/gql/': typesFor('urql/*.tsx'),
    'urql/gql/schema.json': {
      plugins: ['introspection'],
      config: { minify: true, descriptions: false },
    },
    'generated/operations/': typesFor('../../schema/operations/*.graphql'),
  },
};

export default config;
