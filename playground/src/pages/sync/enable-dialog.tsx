// The question before incremental synchronization is switched on without a resync.

import { useMutation } from 'urql';
import { routes } from '../../app/routes';
import { Button, ButtonLink } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Problems } from '../../ui/problems';
import { tell } from '../../ui/toast';
import { SetSynchronizerEnabledDocument, type SynchronizerCardFragment } from './sync.generated';
import { Warnings } from './told';

interface Props {
  synchronizer: Pick<SynchronizerCardFragment, 'id' | 'name' | 'warnings'>;
  isOpen: boolean;
  onClose: () => void;
}

/** Says what enabling does and does not, and does it. */
export function EnableDialog({ synchronizer: { id, name, warnings }, isOpen, onClose }: Props) {
  const [result, setEnabled] = useMutation(SetSynchronizerEnabledDocument);
  const payload = result.data?.setSynchronizerEnabled;

  async function enable() {
    const { data } = await setEnabled({ id, enabled: true });
    if (!data?.setSynchronizerEnabled.synchronizer) return;
    tell(
      data.setSynchronizerEnabled.warnings.length > 0
        ? `“${name}” is enabled. Heed the warning on its card.`
        : `“${name}” is enabled. Changes are carried over from now on.`,
    );
    onClose();
  }

  return (
    <Dialog
      title={`Enable “${name}”?`}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button onPress={() => void enable()} isPending={result.fetching}>
            Enable
          </Button>
          <ButtonLink to={routes.resync(id, true)} look="primary">
            Resync and Enable
          </ButtonLink>
        </>
      }
    >
      <p>
        Incremental synchronization begins now: each change from here on is carried over within a
        second or so.
      </p>
      <p>
        It does not bring both sides together. What differs already stays different until somebody
        touches it. <strong>Resync and Enable</strong> is safer: it shows first what would change.
      </p>
      <Warnings warnings={warnings} />
      <Problems errors={payload?.userErrors} failure={result.error} />
    </Dialog>
  );
}
