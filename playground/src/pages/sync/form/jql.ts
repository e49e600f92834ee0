// Queries as text: made for looking things up, and looked at for what they mean.

/** A value in quotes. */
export function quote(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** Whether a query compares with a date that moves on by itself, such as `-7d`. */
export function hasRelativeDate(jql: string): boolean {
  const outsideQuotes = jql.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, (quoted) =>
    /^.-?\d+[wdhm].$/.test(quoted) ? quoted.slice(1, -1) : '',
  );
  return /[<>=]\s*-\d+[wdhm]\b/.test(outsideQuotes);
}

/** The query for issues whose field has a value other than these. */
export function otherThan(field: string, names: readonly string[]): string {
  const some = field === 'resolution' ? 'resolution IS NOT EMPTY' : '';
  const others = names.length > 0 ? `${field} NOT IN (${names.map(quote).join(', ')})` : '';
  return [some, others].filter(Boolean).join(' AND ');
}
