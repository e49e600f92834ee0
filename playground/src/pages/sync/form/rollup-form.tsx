// The settings of a synchronizer that gives parents the status of their children.

import { useId } from 'react';
import { Button } from '../../../ui/button';
import { TextField } from '../../../ui/field';
import type { StatusRollupRule } from '../rule';
import styles from './form.module.css';
import { NamesField } from './names-field';
import { Section } from './section';
import { StatusesField } from './statuses-field';
import type { FormProps } from './types';
import { useNames } from './use-names';

/** Its fields. */
export function RollupForm({ rule, onChange, errors }: FormProps<StatusRollupRule>) {
  const set = (changes: Partial<StatusRollupRule>) => onChange({ ...rule, ...changes });
  const resolutions = useNames('resolution').filter((name) => name !== rule.resolution);
  const id = useId();
  return (
    <>
      <Section title="Which statuses">
        <StatusesField
          value={rule.statuses}
          onChange={(statuses) => set({ statuses })}
          error={errors.statuses}
        />
        <div className={styles.fields}>
          <TextField
            label="Resolution"
            value={rule.resolution}
            onChange={(resolution) => set({ resolution })}
            help="What a parent gets that is done by this. Empty: none."
            error={errors.resolution}
            maxLength={255}
          />
          {resolutions.length > 0 && (
            <div className={styles.chips} role="group" aria-labelledby={id}>
              <span id={id} className={styles.help}>
                In use:
              </span>
              {resolutions.slice(0, 12).map((resolution) => (
                <Button key={resolution} small onPress={() => set({ resolution })}>
                  {resolution}
                </Button>
              ))}
            </div>
          )}
        </div>
      </Section>
      <Section title="Which parents">
        <NamesField
          label="Projects"
          of="project"
          value={rule.projectKeys}
          onChange={(projectKeys) => set({ projectKeys })}
          help="None chosen: parents of every project."
          error={errors.projectKeys}
          otherLabel="Another project, by key"
        />
        <NamesField
          label="Types"
          of="issuetype"
          value={rule.issueTypes}
          onChange={(issueTypes) => set({ issueTypes })}
          help="None chosen: parents of every type."
          error={errors.issueTypes}
          otherLabel="Another type"
        />
      </Section>
    </>
  );
}
