// The dialog that makes a structure.

import { useState, type FormEvent } from 'react';
import { useMutation } from 'urql';
import { useLocation } from 'wouter';
import { routes } from '../../app/routes';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { errorOf, Problems } from '../../ui/problems';
import { CreateStructureDocument } from './structures.generated';

const FORM = 'create-structure';

/** Asks for a name, and goes to the new structure. */
export function CreateStructure({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [result, create] = useMutation(CreateStructureDocument);
  const [, navigate] = useLocation();
  const errors = result.data?.createStructure.userErrors;

  async function submit(event: FormEvent) {
    event.preventDefault();
    const { data } = await create({ input: { name: name.trim(), description } });
    const made = data?.createStructure.structure;
    if (made) navigate(routes.structure(made.id));
  }

  return (
    <Dialog
      title="Create structure"
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={FORM} isPending={result.fetching}>
            Create
          </Button>
        </>
      }
    >
      <form id={FORM} onSubmit={(event) => void submit(event)} style={{ display: 'grid', gap: 14 }}>
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
