// Tables that become cards on narrow screens. Roles are written out, for `display` in the style
// sheet takes them away.

import type { ReactNode } from 'react';
import styles from './table.module.css';

/** A column: its heading, and what each row shows in it. */
export interface Column<Item> {
  head: string;
  cell: (item: Item) => ReactNode;
  /** Numbers stand at the right end. */
  end?: boolean;
  /** No label before it on narrow screens: it names the row. */
  main?: boolean;
}

interface Props<Item> {
  label: string;
  columns: Column<Item>[];
  items: readonly Item[];
  keyOf: (item: Item) => string;
}

/** A table of items. */
export function Table<Item>({ label, columns, items, keyOf }: Props<Item>) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table} role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ head, end }) => (
              <th
                key={head}
                role="columnheader"
                scope="col"
                className={end ? styles.end : undefined}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {items.map((item) => (
            <tr key={keyOf(item)} role="row">
              {columns.map(({ head, cell, end, main }) => (
                <td
                  key={head}
                  role="cell"
                  className={end ? styles.end : undefined}
                  data-label={main ? undefined : head}
                >
                  {cell(item)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
