// The dialogs that change what a structure is called and is for, and that delete it.

import { useState, type FormEvent } from 'react';
import { useMutation } from 'urql';
import { useLocation } from 'wouter';
import { routes } from '../../app/routes';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { errorOf, Problems } from '../../ui/problems';
import { tell } from '../../ui/toast';
import { count } from '../../words/words';
import {
  DeleteStructureDocument,
  UpdateStructureDocument,
  type StructureQuery,
} from './structure.generated';
import styles from './structure-page.module.css';

const FORM = 'edit-structure';

/** The structure of the page. */
export type Structure = NonNullable<StructureQuery['structure']>;

interface Props {
  structure: Structure;
  onClose: () => void;
}

/** Changes the name and the description. */
export function EditStructure({ structure, onClose }: Props) {
  const [name, setName] = useState(structure.name);
  const [description, setDescription] = useState(structure.description);
  const [result, update] = useMutation(UpdateStructureDocument);
  const errors = result.data?.updateStructure.userErrors;

  async function submit(event: FormEvent) {
    event.preventDefault();
    const { data } = await update({ input: { id: structure.id, name: name.trim(), description } });
    if (data?.updateStructure.structure) onClose();
  }

  return (
    <Dialog
      title="Edit structure"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={FORM} isPending={result.fetching}>
            Save
          </Button>
        </>
      }
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} className={styles.form}>
        <TextField
          label="Name"
          value={name}
          onChange={setName}
          error={errorOf(errors, 'name')}
          maxLength={255}
          autoFocus
        />
        <TextField
          label="What it is for"
          value={description}
          onChange={setDescription}
          error={errorOf(errors, 'description')}
          lines={3}
        />
        <Problems errors={errors?.filter(({ field }) => !field)} failure={result.error} />
      </form>
    </Dialog>
  );
}

/** Says what goes with a structure, and deletes it. */
export function DeleteStructure({ structure, rowCount, onClose }: Props & { rowCount: number }) {
  const [result, remove] = useMutation(DeleteStructureDocument);
  const [, navigate] = useLocation();
  const synchronizers = structure.synchronizers?.length ?? 0;

  async function confirm() {
    const { data } = await remove({ id: structure.id });
    if (!data?.deleteStructure.deletedId) return;
    navigate(routes.structures());
    tell(`“${structure.name}” was deleted.`);
  }

  return (
    <Dialog
      title={`Delete “${structure.name}”?`}
      isOpen
      alert
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose} autoFocus>
            Cancel
          </Button>
          <Button look="danger" isPending={result.fetching} onPress={() => void confirm()}>
            Delete structure
          </Button>
        </>
      }
    >
      <p>
        This deletes its {count(rowCount, 'row')}
        {synchronizers > 0 && `, its ${count(synchronizers, 'synchronizer')}`} and its history. It
        cannot be undone. The issues stay in the tracker.
      </p>
      <Problems errors={result.data?.deleteStructure.userErrors} failure={result.error} />
    </Dialog>
  );
}
