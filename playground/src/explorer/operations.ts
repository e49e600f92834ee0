// The example operations of schema/operations, taken into the bundle when it is built.

import { parse } from 'graphql';

const texts = import.meta.glob<string>('../../../schema/operations/*.graphql', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const variables = import.meta.glob<string>('../../../schema/operations/*.json', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** An example operation. */
export interface Operation {
  /** The file name without its ending: `dry-run-resync`. */
  name: string;
  /** What the menu shows: `Dry-run resync`. */
  title: string;
  /** The file's leading comment. */
  description: string;
  kind: 'query' | 'mutation' | 'subscription';
  text: string;
  /** JSON text, with placeholders; empty when the operation takes none. */
  variables: string;
}

/** Every example, in the order of the file names. */
export const operations: Operation[] = Object.entries(texts)
  .sort(([left], [right]) => (left < right ? -1 : 1))
  .map(([path, text]) => describe(path, text));

function describe(path: string, text: string): Operation {
  const name = path.replace(/^.*\/|\.graphql$/g, '');
  const comment = /^(?:#.*\n)+/.exec(text)?.[0] ?? '';
  const definition = parse(text).definitions.find((node) => node.kind === 'OperationDefinition');
  return {
    name,
    title: name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' '),
    description: comment.replace(/^# ?/gm, '').replaceAll('\n', ' ').trim(),
    kind: definition?.operation ?? 'query',
    text,
    variables: variables[path.replace(/graphql$/, 'json')] ?? '',
  };
}
