// The dialog that adds rows: issues by their keys, or a folder.

import { useState, type FormEvent } from 'react';
import { useMutation } from 'urql';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { RadioGroup, SelectField, TextField } from '../../ui/field';
import { Problems, type UserError } from '../../ui/problems';
import { tell } from '../../ui/toast';
import { count } from '../../words/words';
import type { TreeRow } from './forest';
import type { LiveRows } from './live-rows';
import { nameOf, type Position } from './moves';
import styles from './structure-page.module.css';
import { AddRowsDocument } from './structure.generated';

const FORM = 'add-rows';

type Kind = 'issues' | 'folder';
type Where = 'under' | 'after' | 'end';

interface Props {
  rows: LiveRows;
  /** The row beside which to add; null: there is none. */
  beside: TreeRow | null;
  onClose: () => void;
  /** The first of the rows that were added. */
  onAdded: (id: string) => void;
}

/** Asks what to add and where. */
export function AddRows({ rows, beside, onClose, onAdded }: Props) {
  const [kind, setKind] = useState<Kind>('issues');
  const [text, setText] = useState('');
  const [where, setWhere] = useState<Where>(beside ? 'under' : 'end');
  const [result, add] = useMutation(AddRowsDocument);
  const errors = result.data?.addRows.userErrors;

  async function submit(event: FormEvent) {
    event.preventDefault();
    const { data } = await add({
      input: {
        structureId: rows.structureId,
        rows:
          kind === 'folder'
            ? [{ folder: text.trim() }]
            : keysIn(text).map((issueKey) => ({ issueKey })),
        position: positionFor(where, beside, rows),
      },
    });
    const { rows: added, structure } = data?.addRows ?? {};
    const first = added?.[0];
    if (!first || !structure) return;
    await rows.reach(structure.version);
    tell(`${count(added.length, 'row')} added.`);
    onAdded(first.id);
  }

  const places = [
    ...(beside
      ? [
          { value: 'under', text: `Under ${nameOf(beside.item)}, as last` },
          { value: 'after', text: `After ${nameOf(beside.item)}` },
        ]
      : []),
    { value: 'end', text: 'At the end of the top level' },
  ];
  return (
    <Dialog
      title="Add rows"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={FORM} isPending={result.fetching}>
            Add
          </Button>
        </>
      }
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className={styles.form}>
        <RadioGroup<Kind>
          label="What to add"
          value={kind}
          onChange={setKind}
          options={[
            { value: 'issues', text: 'Issues', help: 'They stay in the tracker as they are.' },
            { value: 'folder', text: 'A folder', help: 'It only holds other rows together.' },
          ]}
        />
        <TextField
          key={kind}
          label={kind === 'issues' ? 'Keys of issues' : 'Name of the folder'}
          help={kind === 'issues' ? 'One or more, such as APP-12 APP-15.' : undefined}
          value={text}
          onChange={setText}
          error={refusal(errors, kind === 'issues' ? keysIn(text) : [])}
          autoFocus
        />
        <SelectField
          label="Where"
          value={where}
          onChange={(value) => setWhere(value as Where)}
          options={places}
        />
        <Problems errors={errors?.filter((error) => !atText(error))} failure={result.error} />
      </form>
    </Dialog>
  );
}

/** The keys in a text; an empty text is one empty key, which the server refuses in its words. */
function keysIn(text: string): string[] {
  return text.trim().split(/[\s,;]+/);
}

const atText = ({ field }: UserError) => field?.includes('rows') ?? false;

/** Why rows were refused, with the key that is at fault if there are several. */
function refusal(errors: readonly UserError[] | undefined, keys: string[]): string | undefined {
  const error = errors?.find(atText);
  const field = error?.field ?? [];
  const key = keys[Number(field[field.indexOf('rows') + 1])];
  return key ? `${key}: ${error?.message}` : error?.message;
}

function positionFor(where: Where, beside: TreeRow | null, rows: LiveRows): Position {
  if (beside && where === 'under') return { under: beside.id, after: beside.last?.id ?? null };
  if (beside && where === 'after') return { under: beside.parent.id || null, after: beside.id };
  return { under: null, after: rows.forest.root.last?.id ?? null };
}
