// The question before rows are removed.

import { useMutation } from 'urql';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Problems } from '../../ui/problems';
import { tell } from '../../ui/toast';
import { count } from '../../words/words';
import type { TreeRow } from './forest';
import type { LiveRows } from './live-rows';
import { nameOf } from './moves';
import { RemoveRowsDocument } from './structure.generated';

interface Props {
  rows: LiveRows;
  row: TreeRow;
  onClose: () => void;
}

/** Says how many rows go, and removes them. */
export function RemoveRows({ rows, row, onClose }: Props) {
  const [result, remove] = useMutation(RemoveRowsDocument);
  const weight = rows.forest.weight(row);
  const name = nameOf(row.item);

  async function confirm() {
    const { data } = await remove({
      input: {
        structureId: rows.structureId,
        rowIds: [row.id],
        expectedVersion: rows.version,
      },
    });
    const structure = data?.removeRows.structure;
    if (!structure) return;
    await rows.reach(structure.version);
    tell(`${count(weight, 'row')} removed.`);
    onClose();
  }

  return (
    <Dialog
      title={`Remove ${name}?`}
      isOpen
      alert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose} autoFocus>
            Cancel
          </Button>
          <Button look="danger" isPending={result.fetching} onPress={() => void confirm()}>
            Remove {count(weight, 'row')}
          </Button>
        </>
      }
    >
      <p>
        {weight === 1
          ? 'The row goes from this structure.'
          : `The row goes from this structure with the ${count(weight - 1, 'row')} below it.`}{' '}
        The issues stay in the tracker.
      </p>
      <Problems errors={result.data?.removeRows.userErrors} failure={result.error} />
    </Dialog>
  );
}
