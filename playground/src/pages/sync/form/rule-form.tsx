// The form of a synchronizer: its name and the fields of its kind, beside what it will do in words.

import { useEffect, useRef, useState, type FormEvent } from 'react';
import type { CombinedError } from 'urql';
import { useSession } from '../../../app/session-context';
import { Button } from '../../../ui/button';
import { TextField } from '../../../ui/field';
import { Notice } from '../../../ui/notice';
import { Problems, type UserError } from '../../../ui/problems';
import { DIRECTIONS } from '../../../words/words';
import { KINDS } from '../kinds';
import { findProblems, sortRefusals } from '../problems';
import { KIND_DIRECTIONS, type Rule } from '../rule';
import { RuleInWords } from '../told';
import { AgileForm } from './agile-form';
import { useDraft, type Draft } from './draft';
import styles from './form.module.css';
import { LinksForm } from './links-form';
import { Preview } from './preview';
import { RollupForm } from './rollup-form';
import { SavedFilterForm } from './saved-filter-form';
import { Section } from './section';
import { SubTasksForm } from './sub-tasks-form';
import type { FormProps } from './types';

interface Props {
  structureId: string;
  /** Input that is not sent yet is kept under this key: as `key`, too, it keeps forms apart. */
  draftKey: string;
  start: Draft;
  /** What the button at the end says. */
  verb: string;
  isPending: boolean;
  refusals: readonly UserError[] | undefined;
  failure: CombinedError | undefined;
  /** Sends it, and tells whether it was accepted. */
  onSubmit: (name: string, rule: Rule) => Promise<boolean>;
  onCancel: () => void;
  /** The name may stay empty: the server gives one. */
  optionalName?: boolean;
}

/** The fields, what they amount to, and the button that sends them. */
export function RuleForm({ structureId, verb, isPending, onSubmit, ...props }: Props) {
  const { viewer } = useSession();
  const draft = useDraft(`${viewer.id}.${props.draftKey}`, props.start);
  const { name, rule } = draft;
  const [attempts, setAttempts] = useState(0);
  const form = useRef<HTMLFormElement>(null);

  // What the server refused is about what was sent: it goes with the next change.
  const [sent, setSent] = useState<Draft | null>(null);
  const refused = sortRefusals(
    sent?.rule === rule && sent.name === name ? (props.refusals ?? []) : [],
  );
  const missing = attempts > 0 ? findProblems(rule) : {};
  const errors = { ...refused.errors, ...missing };
  const isWrong = Object.keys(errors).length > 0;

  const isReady = () => {
    setAttempts(attempts + 1);
    return Object.keys(findProblems(rule)).length === 0;
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!isReady()) return;
    setSent({ name, rule });
    if (await onSubmit(name.trim(), rule)) draft.forget();
  };

  // The first field that wants attention gets the focus.
  useEffect(() => {
    if (!isWrong) return;
    const first = form.current?.querySelector<HTMLElement>(
      '[aria-invalid="true"], [data-invalid] input, [data-invalid] button',
    );
    first?.focus();
  }, [attempts, props.refusals, isWrong]);

  const startOver = () => {
    draft.startOver();
    setAttempts(0);
  };
  const cancel = () => {
    draft.forget();
    props.onCancel();
  };

  const kind = { rule, onChange: draft.setRule, errors, structureId };
  return (
    <form ref={form} className={styles.form} onSubmit={(event) => void submit(event)} noValidate>
      <div className={styles.main}>
        {draft.isBack && (
          <p className={styles.back} role="status">
            Your unsaved input is back.
            <Button small onPress={startOver}>
              Start over
            </Button>
          </p>
        )}
        <Section>
          <TextField
            label={props.optionalName ? 'Name (optional)' : 'Name'}
            value={name}
            onChange={draft.setName}
            error={errors.name}
            placeholder={props.optionalName ? KINDS[rule.kind].defaultName : undefined}
            help="How it is called in lists and in the log of its jobs."
            maxLength={255}
          />
        </Section>
        <KindForm {...kind} />
      </div>
      <aside className={styles.aside} aria-label="What it will do">
        <h2>What it will do</h2>
        <RuleInWords rule={rule} />
        <p className={styles.help}>
          Resync: {KIND_DIRECTIONS[rule.kind].map((direction) => DIRECTIONS[direction]).join(', ')}
        </p>
        <Preview structureId={structureId} rule={rule} isReady={isReady} />
      </aside>
      <div className={styles.end}>
        {errors.rule && (
          <Notice tone="danger" alert>
            {errors.rule}
          </Notice>
        )}
        {isWrong && !errors.rule && (
          <p className={styles.error} role="alert">
            Look at the marked fields first.
          </p>
        )}
        <Problems errors={refused.others} failure={props.failure} />
        <div className={styles.buttons}>
          <Button onPress={cancel}>Cancel</Button>
          <Button look="primary" type="submit" isPending={isPending}>
            {verb}
          </Button>
        </div>
      </div>
    </form>
  );
}

function KindForm({ rule, ...props }: FormProps<Rule>) {
  switch (rule.kind) {
    case 'SAVED_FILTER':
      return <SavedFilterForm rule={rule} {...props} />;
    case 'SUB_TASKS':
      return <SubTasksForm rule={rule} {...props} />;
    case 'LINKS':
      return <LinksForm rule={rule} {...props} />;
    case 'AGILE':
      return <AgileForm rule={rule} {...props} />;
    case 'STATUS_ROLLUP':
      return <RollupForm rule={rule} {...props} />;
  }
}
