// The form of a synchronizer: its name and the fields of its kind, beside what it will do in words.

import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react';
import type { CombinedError } from 'urql';
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
  start: { name: string; rule: Rule };
  /** What the button at the end says. */
  verb: string;
  isPending: boolean;
  refusals: readonly UserError[] | undefined;
  failure: CombinedError | undefined;
  onSubmit: (name: string, rule: Rule) => void;
  /** The name may stay empty: the server gives one. */
  optionalName?: boolean;
  /** Buttons beside the last one. */
  actions: ReactNode;
}

/** The fields, what they amount to, and the button that sends them. */
export function RuleForm({ structureId, start, verb, isPending, onSubmit, ...props }: Props) {
  const [name, setName] = useState(start.name);
  const [rule, setRule] = useState(start.rule);
  const [attempts, setAttempts] = useState(0);
  const form = useRef<HTMLFormElement>(null);

  // What the server refused is about what was sent: it goes with the next change.
  const [sent, setSent] = useState<{ name: string; rule: Rule } | null>(null);
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
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isReady()) return;
    setSent({ name, rule });
    onSubmit(name.trim(), rule);
  };

  // The first field that wants attention gets the focus.
  useEffect(() => {
    if (!isWrong) return;
    const first = form.current?.querySelector<HTMLElement>(
      '[aria-invalid="true"], [data-invalid] input, [data-invalid] button',
    );
    first?.focus();
  }, [attempts, props.refusals, isWrong]);

  const kind = { rule, onChange: setRule, errors, structureId };
  return (
    <form ref={form} className={styles.form} onSubmit={submit} noValidate>
      <div className={styles.main}>
        <Section>
          <TextField
            label={props.optionalName ? 'Name (optional)' : 'Name'}
            value={name}
            onChange={setName}
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
          {props.actions}
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
