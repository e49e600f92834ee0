// The keys of issues in a text that someone typed, and those among them that name no issue.

import type { Client, CombinedError } from 'urql';
import { KnownKeysDocument } from './structure.generated';

const KEY = /^[A-Z][A-Z0-9_]*-[1-9][0-9]*$/;
/** As many issues come on a page at the most. */
const KEYS_AT_ONCE = 500;
const NAMED_AT_MOST = 10;

/** The keys in a text, as the tracker writes them: in capital letters. */
export function keysIn(text: string): string[] {
  return text
    .toUpperCase()
    .split(/[\s,;]+/)
    .filter((key) => key !== '');
}

/** Those of the keys that no issue has, each once; or why that is not known. */
export async function missingKeys(
  client: Client,
  keys: readonly string[],
): Promise<{ missing: string[] } | { error: CombinedError }> {
  const missing = new Set(keys);
  const asked = [...missing].filter((key) => KEY.test(key));
  for (let from = 0; from < asked.length; from += KEYS_AT_ONCE) {
    const page = asked.slice(from, from + KEYS_AT_ONCE);
    const jql = `key IN (${page.map((key) => `"${key}"`).join(', ')})`;
    const { data, error } = await client.query(KnownKeysDocument, { jql }).toPromise();
    if (error) return { error };
    for (const { key } of data?.issues.nodes ?? []) missing.delete(key);
  }
  return { missing: [...missing] };
}

/** Says that no issues have some keys. */
export function tellMissing(keys: readonly string[]): string {
  const named = keys.slice(0, NAMED_AT_MOST).join(', ');
  const more = keys.length - NAMED_AT_MOST;
  const all = more > 0 ? `${named} and ${more} more` : named;
  return keys.length === 1 ? `There is no issue ${all}.` : `There are no issues ${all}.`;
}
