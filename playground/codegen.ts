// Types for the operations of the console: beside each `*.graphql` file comes a `*.generated.ts`
// with its documents and the types of their variables and results. None of it is committed.

import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../schema/schema.graphql',
  documents: 'src/**/*.graphql',
  config: {
    scalars: { DateTime: 'string' },
    strictScalars: true,
    useTypeImports: true,
    enumsAsTypes: true,
    // The cache tells objects apart by their type.
    skipTypename: false,
  },
  generates: {
    'src/gql/schema.ts': { plugins: ['typescript'], config: { onlyOperationTypes: true } },
    'src/': {
      preset: 'near-operation-file',
      presetConfig: { extension: '.generated.ts', baseTypesPath: 'gql/schema.ts' },
      plugins: ['typescript-operations', 'typed-document-node'],
    },
  },
};

export default config;
