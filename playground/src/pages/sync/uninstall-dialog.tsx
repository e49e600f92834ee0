// The question before a synchronizer is uninstalled.

import { useMutation } from 'urql';
import { routes } from '../../app/routes';
import { Button, ButtonLink } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Problems } from '../../ui/problems';
import { tell } from '../../ui/toast';
import { UninstallSynchronizerDocument, type SynchronizerCardFragment } from './sync.generated';

interface Props {
  synchronizer: Pick<SynchronizerCardFragment, 'id' | 'name'>;
  isOpen: boolean;
  onClose: () => void;
}

/** Says what stays, and uninstalls. */
export function UninstallDialog({ synchronizer: { id, name }, isOpen, onClose }: Props) {
  const [result, uninstall] = useMutation(UninstallSynchronizerDocument);
  const errors = result.data?.uninstallSynchronizer.userErrors;
  const inTheWay = errors?.find(({ job }) => job)?.job;

  async function go() {
    const { data } = await uninstall({ id });
    if (data?.uninstallSynchronizer.deletedId) tell(`“${name}” is uninstalled.`);
  }

  return (
    <Dialog
      title={`Uninstall “${name}”?`}
      isOpen={isOpen}
      onClose={onClose}
      alert
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          {inTheWay && (
            <ButtonLink to={routes.job(inTheWay.id)}>Look at job {inTheWay.number}</ButtonLink>
          )}
          <Button look="danger" onPress={() => void go()} isPending={result.fetching}>
            Uninstall
          </Button>
        </>
      }
    >
      <p>
        It stops, and its settings are gone for good. The rows and links that it made stay as they
        are, and so do its past jobs, which can still be undone.
      </p>
      <Problems errors={errors} failure={result.error} />
    </Dialog>
  );
}
