// One synchronizer on the settings page: what it does, how it is, what it did, and what can be
// done with it.

import { Pencil, Play, RefreshCw, Trash2 } from 'lucide-react';
import { useId, useState } from 'react';
import { useMutation } from 'urql';
import { routes } from '../../app/routes';
import { SynchronizerBadge } from '../../ui/badge';
import { Button, ButtonLink } from '../../ui/button';
import { Notice } from '../../ui/notice';
import { failureText } from '../../ui/problems';
import { complain, tell } from '../../ui/toast';
import { sentence } from '../../words/jobs';
import { DIRECTIONS, SYNCHRONIZER_KINDS } from '../../words/words';
import { EnableDialog } from './enable-dialog';
import { KINDS } from './kinds';
import { RecentJobs } from './recent-jobs';
import { fromSettings, KIND_DIRECTIONS } from './rule';
import { SetSynchronizerEnabledDocument, type SynchronizerCardFragment } from './sync.generated';
import styles from './synchronizer-card.module.css';
import { RuleInWords, Warnings } from './told';
import { UninstallDialog } from './uninstall-dialog';

interface Props {
  synchronizer: SynchronizerCardFragment;
  /** Whether the viewer may change it. */
  control: boolean;
}

/** A synchronizer with its actions. */
export function SynchronizerCard({ synchronizer, control }: Props) {
  const heading = useId();
  const { name, kind, state, unavailableReason, supportedDirections, runAs } = synchronizer;
  const Icon = KINDS[kind].icon;
  return (
    <article className={styles.card} aria-labelledby={heading}>
      <header className={styles.head}>
        <span className={styles.icon}>
          <Icon aria-hidden="true" />
        </span>
        <div className={styles.names}>
          <h2 id={heading}>{name}</h2>
          <div className={styles.kind}>{SYNCHRONIZER_KINDS[kind]}</div>
        </div>
        <SynchronizerBadge state={state} />
      </header>
      <div className={styles.body}>
        <div className={styles.main}>
          {unavailableReason && (
            <Notice
              tone="danger"
              title={state === 'NOT_AVAILABLE' ? 'It cannot run' : 'It was switched off'}
            >
              {sentence(unavailableReason)}
            </Notice>
          )}
          <RuleInWords rule={fromSettings(synchronizer.settings, state)} />
          <dl className={styles.facts}>
            <div>
              <dt>Resync</dt>
              <dd>
                {KIND_DIRECTIONS[kind]
                  .filter((direction) => supportedDirections.includes(direction))
                  .map((direction) => DIRECTIONS[direction])
                  .join(', ')}
              </dd>
            </div>
            <div>
              <dt>Runs as</dt>
              <dd>{runAs.name}</dd>
            </div>
          </dl>
          <Warnings warnings={synchronizer.warnings} />
          {control && <Actions synchronizer={synchronizer} />}
        </div>
        <RecentJobs jobs={synchronizer.jobs.nodes} current={synchronizer.currentJob} />
      </div>
    </article>
  );
}

function Actions({ synchronizer }: { synchronizer: SynchronizerCardFragment }) {
  const { id, name, state } = synchronizer;
  const [enabling, setEnabling] = useState(false);
  const [uninstalling, setUninstalling] = useState(false);
  const [result, setEnabled] = useMutation(SetSynchronizerEnabledDocument);

  async function disable() {
    const { data, error } = await setEnabled({ id, enabled: false });
    const refusal = data?.setSynchronizerEnabled.userErrors[0];
    if (error) complain(failureText(error));
    else if (refusal) complain(sentence(refusal.message));
    else tell(`“${name}” is disabled. Changes are no longer carried over.`);
  }

  return (
    <div className={styles.actions} role="group" aria-label={`Actions of ${name}`}>
      {state === 'DISABLED' && (
        <ButtonLink to={routes.resync(id, true)} look="primary">
          <RefreshCw aria-hidden="true" /> Resync and Enable
        </ButtonLink>
      )}
      {state === 'NOT_AVAILABLE' ? (
        <ButtonLink to={routes.edit(id)} look="primary">
          <Pencil aria-hidden="true" /> Correct the settings
        </ButtonLink>
      ) : (
        <ButtonLink to={routes.resync(id)}>
          {state === 'ENABLED' && <RefreshCw aria-hidden="true" />} Resync
        </ButtonLink>
      )}
      {state === 'DISABLED' && (
        <Button onPress={() => setEnabling(true)}>
          <Play aria-hidden="true" /> Enable
        </Button>
      )}
      {state === 'ENABLED' && (
        <Button onPress={() => void disable()} isPending={result.fetching}>
          Disable
        </Button>
      )}
      <span className={styles.rest}>
        {state !== 'NOT_AVAILABLE' && (
          <ButtonLink to={routes.edit(id)} look="quiet" aria-label={`Edit ${name}`}>
            <Pencil aria-hidden="true" /> Edit
          </ButtonLink>
        )}
        <Button look="quiet" aria-label={`Uninstall ${name}`} onPress={() => setUninstalling(true)}>
          <Trash2 aria-hidden="true" /> Uninstall
        </Button>
      </span>
      <EnableDialog
        synchronizer={synchronizer}
        isOpen={enabling}
        onClose={() => setEnabling(false)}
      />
      <UninstallDialog
        synchronizer={synchronizer}
        isOpen={uninstalling}
        onClose={() => setUninstalling(false)}
      />
    </div>
  );
}
