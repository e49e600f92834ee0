// The settings of a synchronizer that keeps sub-tasks under their parents.

import type { SubTasksRule } from '../rule';
import { NamesField } from './names-field';
import { Section } from './section';
import type { FormProps } from './types';

/** Its fields. */
export function SubTasksForm({ rule, onChange, errors }: FormProps<SubTasksRule>) {
  return (
    <Section title="Which sub-tasks">
      <NamesField
        label="Types of sub-tasks"
        of="sub-task type"
        value={rule.issueTypes}
        onChange={(issueTypes) => onChange({ ...rule, issueTypes })}
        help="None chosen: sub-tasks of every type."
        error={errors.issueTypes}
        otherLabel="Another type"
      />
    </Section>
  );
}
