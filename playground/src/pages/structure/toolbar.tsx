// Above the tree: finding rows, folding all of them, and how many were found.

import { ChevronDown, ChevronUp, ListChevronsDownUp, ListChevronsUpDown } from 'lucide-react';
import { useMemo, useState, useSyncExternalStore, type KeyboardEvent } from 'react';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import type { TreeRow } from './forest';
import type { Rows } from './rows';
import { search } from './search';
import styles from './structure-page.module.css';

interface Props {
  rows: Rows;
  active: string | null;
  wanted: string;
  onWanted: (text: string) => void;
  onFound: (row: TreeRow) => void;
}

/** The search and the folding. */
export function Toolbar({ rows, active, wanted, onWanted, onFound }: Props) {
  const revision = useSyncExternalStore(rows.listen, rows.seen);
  const found = useMemo(
    () => search(rows.forest, wanted),
    // Rows are changed in place: a revision is what tells.
    [rows, revision, wanted],
  );
  const [text, setText] = useState(wanted);
  const at = found.findIndex(({ id }) => id === active);

  const go = (step: 1 | -1) => {
    const next = at < 0 && step < 0 ? found.length - 1 : (at + step + found.length) % found.length;
    const row = found[next];
    if (row) onFound(row);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') go(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape' && text) {
      setText('');
      onWanted('');
    }
  };
  const fold = (folded: boolean) => {
    rows.forest.foldAll(folded);
    rows.show();
  };

  return (
    <div className={styles.toolbar} role="search">
      <div className={styles.find} onKeyDown={onKeyDown}>
        <TextField
          label="Find rows"
          labelHidden
          type="search"
          placeholder="Find by key, summary or folder"
          value={text}
          onChange={(value) => {
            setText(value);
            onWanted(value);
          }}
        />
      </div>
      {wanted.trim() && (
        <div className={styles.found}>
          <span role="status">
            {found.length === 0 ? 'Nothing found' : countText(at, found.length)}
            {rows.phase !== 'ready' && found.length > 0 && ' so far'}
            {rows.phase !== 'ready' && found.length === 0 && ' yet: rows are still being read'}
          </span>
          <Button
            small
            look="quiet"
            icon
            aria-label="Previous match"
            isDisabled={found.length === 0}
            onPress={() => go(-1)}
          >
            <ChevronUp aria-hidden="true" />
          </Button>
          <Button
            small
            look="quiet"
            icon
            aria-label="Next match"
            isDisabled={found.length === 0}
            onPress={() => go(1)}
          >
            <ChevronDown aria-hidden="true" />
          </Button>
        </div>
      )}
      <div className={styles.folding}>
        <Button small look="quiet" onPress={() => fold(false)} aria-label="Expand all">
          <ListChevronsUpDown aria-hidden="true" />
          <span className={styles.wideOnly}>Expand all</span>
        </Button>
        <Button small look="quiet" onPress={() => fold(true)} aria-label="Collapse all">
          <ListChevronsDownUp aria-hidden="true" />
          <span className={styles.wideOnly}>Collapse all</span>
        </Button>
      </div>
    </div>
  );
}

function countText(at: number, length: number): string {
  const all = length.toLocaleString('en');
  return at < 0 ? `${all} found` : `${(at + 1).toLocaleString('en')} of ${all}`;
}
