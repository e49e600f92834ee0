// The dialogs that make a saved filter or a board, for whoever needs one and has none.

import { useState, type FormEvent, type ReactNode } from 'react';
import { useMutation, type CombinedError } from 'urql';
import { Button } from '../../../ui/button';
import { Dialog } from '../../../ui/dialog';
import { Checkbox, TextField } from '../../../ui/field';
import { errorOf, Problems, type UserError } from '../../../ui/problems';
import type { Filter } from '../rule';
import type { BoardPartsFragment } from '../sync.generated';
import { CreateBoardDocument, CreateSavedFilterDocument } from './form.generated';
import styles from './form.module.css';
import { JqlField } from './jql-field';

interface Props<Made> {
  isOpen: boolean;
  onClose: () => void;
  onMade: (made: Made) => void;
}

/** Makes a saved filter. */
export function CreateFilter({ isOpen, onClose, onMade }: Props<Filter>) {
  const [result, create] = useMutation(CreateSavedFilterDocument);
  return (
    <CreateNamed
      title="Create saved filter"
      isOpen={isOpen}
      onClose={onClose}
      busy={result.fetching}
      errors={result.data?.createSavedFilter.userErrors}
      failure={result.error}
      onSubmit={async (name, jql) => {
        const { data } = await create({ input: { name, jql } });
        if (data?.createSavedFilter.savedFilter) onMade(data.createSavedFilter.savedFilter);
      }}
    />
  );
}

/** Makes a board. */
export function CreateBoard({ isOpen, onClose, onMade }: Props<BoardPartsFragment>) {
  const [ranked, setRanked] = useState(true);
  const [result, create] = useMutation(CreateBoardDocument);
  return (
    <CreateNamed
      title="Create board"
      isOpen={isOpen}
      onClose={onClose}
      busy={result.fetching}
      errors={result.data?.createBoard.userErrors}
      failure={result.error}
      onSubmit={async (name, jql) => {
        const { data } = await create({ input: { name, jql, ranked } });
        if (data?.createBoard.board) onMade(data.createBoard.board);
      }}
    >
      <Checkbox
        isSelected={ranked}
        onChange={setRanked}
        help="Only then can the order of the structure be kept with it."
      >
        Its issues are planned in the order of their ranks
      </Checkbox>
    </CreateNamed>
  );
}

interface CreateNamedProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  onSubmit: (name: string, jql: string) => Promise<void>;
  busy: boolean;
  errors: readonly UserError[] | undefined;
  failure: CombinedError | undefined;
  children?: ReactNode;
}

function CreateNamed({
  title,
  isOpen,
  onClose,
  onSubmit,
  busy,
  errors,
  failure,
  children,
}: CreateNamedProps) {
  const [name, setName] = useState('');
  const [jql, setJql] = useState('');
  const form = title.toLowerCase().replaceAll(' ', '-');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The dialog stands inside another form as far as React is concerned.
    event.stopPropagation();
    void onSubmit(name.trim(), jql.trim());
  };
  const others = errors?.filter(({ field }) => !['name', 'jql'].includes(field?.at(-1) ?? ''));
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={form} isPending={busy}>
            Create
          </Button>
        </>
      }
    >
      <form id={form} className={styles.fields} onSubmit={submit}>
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          error={errorOf(errors, 'name')}
          maxLength={255}
          autoFocus
        />
        <JqlField
          label="Query (JQL)"
          value={jql}
          onChange={setJql}
          error={errorOf(errors, 'jql')}
          empty="An empty query is every issue."
        />
        {children}
        <Problems errors={others} failure={failure} />
      </form>
    </Dialog>
  );
}
