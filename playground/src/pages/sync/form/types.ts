// What the part of the form that belongs to a kind works with.

import type { FieldErrors } from '../problems';

/** A rule that is being edited. */
export interface FormProps<Rule> {
  rule: Rule;
  onChange: (rule: Rule) => void;
  errors: FieldErrors;
  structureId: string;
}
