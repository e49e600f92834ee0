// Under which row issues go: the top level, or a row that is looked up in the structure.

import { Folder, SquareCheck } from 'lucide-react';
import { useId, useState } from 'react';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { TextField } from '../../../ui/field';
import { Failure } from '../../../ui/state';
import { count } from '../../../words/words';
import { nameOfRow, type Place } from '../rule';
import styles from './form.module.css';
import { useRows } from './use-rows';

interface Props {
  structureId: string;
  value: Place | null;
  /** The row that was chosen once is gone. */
  isGone: boolean;
  onChange: (value: Place | null) => void;
  error?: string | undefined;
}

/** The place, and how to choose another. */
export function PlaceField({ structureId, value, isGone, onChange, error }: Props) {
  const id = useId();
  const [choosing, setChoosing] = useState(false);
  return (
    <div className={styles.placeField} role="group" aria-labelledby={id}>
      <span id={id} className={styles.label}>
        Where added issues go
      </span>
      <div className={styles.placeRow}>
        <span className={styles.placeName}>
          {value ? (
            <>
              Under <strong>{value.name}</strong>
            </>
          ) : isGone ? (
            'Under a row that is gone'
          ) : (
            'At the end of the top level'
          )}
        </span>
        <span className={styles.placeButtons}>
          <Button small onPress={() => setChoosing(true)}>
            Choose a row…
          </Button>
          {(value || isGone) && (
            <Button small look="quiet" onPress={() => onChange(null)}>
              Use the top level
            </Button>
          )}
        </span>
      </div>
      {error && <p className={styles.error}>{error}</p>}
      <Dialog
        title="Put issues under"
        isOpen={choosing}
        onClose={() => setChoosing(false)}
        footer={<Button onPress={() => setChoosing(false)}>Cancel</Button>}
      >
        <Rows
          structureId={structureId}
          onChoose={(place) => {
            onChange(place);
            setChoosing(false);
          }}
        />
      </Dialog>
    </div>
  );
}

/** More than anybody reads; typing narrows them down. */
const MOST_SHOWN = 60;

function Rows({
  structureId,
  onChoose,
}: {
  structureId: string;
  onChoose: (place: Place) => void;
}) {
  const [wanted, setWanted] = useState('');
  const { found, looked, total, error, isLooking, lookFurther, retry } = useRows(
    structureId,
    true,
    wanted,
  );
  if (error) return <Failure error={error} onRetry={retry} />;
  const shown = found.slice(0, MOST_SHOWN);
  return (
    <>
      <TextField
        label="Find a row"
        help="By the name of a folder, the key of an issue, or words of its summary."
        value={wanted}
        onChange={setWanted}
        type="search"
        autoFocus
      />
      <ListBox
        className={styles.rows}
        aria-label="Rows"
        items={shown}
        onAction={(key) => {
          const row = shown.find(({ id }) => id === key);
          if (row) onChoose({ id: row.id, name: nameOfRow(row) });
        }}
        renderEmptyState={() => (
          <p className={styles.noRows}>{isLooking ? 'Looking…' : 'No row matches.'}</p>
        )}
      >
        {(row) => (
          <ListBoxItem id={row.id} textValue={nameOfRow(row)} className={styles.row}>
            {row.item.__typename === 'Folder' ? (
              <Folder aria-label="Folder" />
            ) : (
              <SquareCheck aria-label="Issue" />
            )}
            <span className={styles.rowWords}>
              <span className={styles.rowName}>{nameOfRow(row)}</span>
              <span className={styles.help}>
                {row.parent ? `in ${nameOfRow(row.parent)}` : 'at the top level'}
              </span>
            </span>
          </ListBoxItem>
        )}
      </ListBox>
      <div className={styles.looked}>
        <span role="status">
          {isLooking
            ? `Looking… ${looked.toLocaleString('en')} of ${(total ?? 0).toLocaleString('en')} rows`
            : `${count(found.length, 'row matches', 'rows match')}${
                found.length > MOST_SHOWN ? `, the first ${MOST_SHOWN} are shown` : ''
              }${lookFurther ? `, of ${looked.toLocaleString('en')} looked at` : ''}`}
        </span>
        {lookFurther && !isLooking && (
          <Button small onPress={lookFurther}>
            Look at more rows
          </Button>
        )}
      </div>
    </>
  );
}
