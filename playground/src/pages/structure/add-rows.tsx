// The dialog that adds rows: issues by their keys, or a folder.

import { useState, type FormEvent } from 'react';
import { useMutation, type CombinedError } from 'urql';
import { useSession } from '../../app/session-context';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { RadioGroup, SelectField, TextField } from '../../ui/field';
import { Problems, type UserError } from '../../ui/problems';
import { tell } from '../../ui/toast';
import { count } from '../../words/words';
import type { TreeRow } from './forest';
import { keysIn, missingKeys, tellMissing } from './issue-keys';
import type { LiveRows } from './live-rows';
import { shortNameOf, type Position } from './moves';
import styles from './structure-page.module.css';
import { AddRowsDocument } from './structure.generated';

const FORM = 'add-rows';

type Kind = 'issues' | 'folder';
/** Where rows are added: beside a row, or at the end of the top level. */
export type Where = 'under' | 'after' | 'end';

/** What is known of the keys that were typed. */
interface Check {
  state: 'running' | 'done';
  wrong?: string | undefined;
  failure?: CombinedError;
}

interface Props {
  rows: LiveRows;
  /** The row beside which to add; null: there is none. */
  beside: TreeRow | null;
  /** The place that is offered first. */
  at: Where;
  onClose: () => void;
  /** The first of the rows that were added. */
  onAdded: (id: string) => void;
}

/** Asks what to add and where. */
export function AddRows({ rows, beside, at, onClose, onAdded }: Props) {
  const { connection } = useSession();
  const [kind, setKind] = useState<Kind>('issues');
  const [text, setText] = useState('');
  const [where, setWhere] = useState<Where>(at);
  const [check, setCheck] = useState<Check>({ state: 'done' });
  const [result, add] = useMutation(AddRowsDocument);
  const errors = result.data?.addRows.userErrors;

  /** Whether every key names an issue; says which do not. */
  async function checkKeys(keys: string[]): Promise<boolean> {
    if (keys.length === 0) {
      setCheck({ state: 'done', wrong: 'Type at least one key.' });
      return false;
    }
    setCheck({ state: 'running' });
    const answer = await missingKeys(connection.direct, keys);
    if ('error' in answer) {
      setCheck({ state: 'done', failure: answer.error });
      return false;
    }
    const { missing } = answer;
    setCheck({ state: 'done', wrong: missing.length > 0 ? tellMissing(missing) : undefined });
    return missing.length === 0;
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    const keys = kind === 'issues' ? keysIn(text) : [];
    if (kind === 'issues' && !(await checkKeys(keys))) return;
    const { data } = await add({
      input: {
        structureId: rows.structureId,
        rows:
          kind === 'folder' ? [{ folder: text.trim() }] : keys.map((issueKey) => ({ issueKey })),
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

  const isPending = check.state === 'running' || result.fetching;
  const places = [
    ...(beside
      ? [
          { value: 'under', text: `Under ${shortNameOf(beside.item)}, as last` },
          { value: 'after', text: `After ${shortNameOf(beside.item)}` },
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
          <Button look="primary" type="submit" form={FORM} isPending={isPending}>
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
          error={kind === 'issues' && check.wrong ? check.wrong : errors?.find(atText)?.message}
          autoFocus
        />
        <SelectField
          label="Where"
          value={where}
          onChange={(value) => setWhere(value as Where)}
          options={places}
        />
        <Problems
          errors={errors?.filter((error) => !atText(error))}
          failure={check.failure ?? result.error}
        />
      </form>
    </Dialog>
  );
}

const atText = ({ field }: UserError) => field?.includes('rows') ?? false;

function positionFor(where: Where, beside: TreeRow | null, rows: LiveRows): Position {
  if (beside && where === 'under') return { under: beside.id, after: beside.last?.id ?? null };
  if (beside && where === 'after') return { under: beside.parent.id || null, after: beside.id };
  return { under: null, after: rows.forest.root.last?.id ?? null };
}
