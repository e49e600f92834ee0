// Bundles the examples for Node as a front end's bundler would for browsers. What Relay's Babel
// plugin does to `graphql` tags is all that Babel is for.

import { readFile } from 'node:fs/promises';
import { transformAsync } from '@babel/core';
import { build } from 'esbuild';

const relayTags = {
  name: 'relay-tags',
  setup({ onLoad }) {
    onLoad({ filter: /\/relay\/\w+\.tsx$/ }, async ({ path }) => {
      const { code } = await transformAsync(await readFile(path, 'utf8'), {
        filename: path,
        babelrc: false,
        configFile: false,
        parserOpts: { plugins: ['typescript', 'jsx'] },
        plugins: ['relay'],
        sourceMaps: 'inline',
      });
      return { contents: code, loader: 'tsx' };
    });
  },
};

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ['apollo/Understory.tsx', 'urql/Understory.tsx', 'relay/Understory.tsx'],
  outdir: 'build',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  jsx: 'automatic',
  sourcemap: 'inline',
  logLevel: 'warning',
  plugins: [relayTags],
});
