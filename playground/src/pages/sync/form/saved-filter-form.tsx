// The settings of a synchronizer that keeps the issues of a query in the structure.

import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { Button } from '../../../ui/button';
import { Checkbox, RadioGroup, SelectField } from '../../../ui/field';
import type { SavedFilterRule } from '../rule';
import { CreateFilter } from './create-named';
import { SavedFiltersDocument } from './form.generated';
import styles from './form.module.css';
import { hasRelativeDate } from './jql';
import { JqlField } from './jql-field';
import { PlaceField } from './place-field';
import { Section } from './section';
import type { FormProps } from './types';

/** Its fields. */
export function SavedFilterForm({
  rule,
  onChange,
  errors,
  structureId,
}: FormProps<SavedFilterRule>) {
  const set = (changes: Partial<SavedFilterRule>) => onChange({ ...rule, ...changes });
  return (
    <>
      <Section title="Which issues">
        <RadioGroup
          label="The query is"
          value={rule.source}
          onChange={(source) => set({ source })}
          options={[
            { value: 'QUERY', text: 'Its own', help: 'Written here, for this synchronizer alone.' },
            {
              value: 'FILTER',
              text: 'A saved filter',
              help: 'Known by its name to everybody who works with the tracker.',
            },
          ]}
        />
        {rule.source === 'QUERY' ? (
          <JqlField
            label="Query (JQL)"
            value={rule.jql}
            onChange={(jql) => set({ jql })}
            error={errors.jql}
            help="For example: project = GRO AND type = Story ORDER BY Rank. Missing issues are added in its order."
            empty="An empty query is every issue."
            warnOfDates
          />
        ) : (
          <FilterField rule={rule} set={set} error={errors.savedFilterId} />
        )}
      </Section>
      <Section title="Adding">
        <Checkbox
          isSelected={rule.add}
          onChange={(add) => set({ add })}
          help="Issues of the query that stand nowhere in the structure get a row."
        >
          Add missing issues
        </Checkbox>
        <PlaceField
          structureId={structureId}
          value={rule.placeUnder}
          isGone={rule.placeIsGone}
          onChange={(placeUnder) => set({ placeUnder, placeIsGone: false })}
          error={errors.placeUnder}
        />
        <Checkbox
          isSelected={rule.allowMove && rule.placeUnder !== null}
          onChange={(allowMove) => set({ allowMove })}
          isDisabled={rule.placeUnder === null}
          help={
            rule.placeUnder
              ? 'Rows outside of it are moved there, each with everything below it.'
              : 'Choose a row above first: the top level cannot be moved to.'
          }
        >
          Move issues that stand elsewhere there too
        </Checkbox>
      </Section>
      <Section title="Removing">
        <Checkbox
          isSelected={rule.remove}
          onChange={(remove) => set({ remove })}
          help="A row stays while anything below it has to stay. The issues themselves are never deleted."
        >
          Remove rows of issues that are not in the query
        </Checkbox>
        <Checkbox
          isSelected={rule.remove && rule.removeOnlyFromPlacement}
          onChange={(removeOnlyFromPlacement) => set({ removeOnlyFromPlacement })}
          isDisabled={!rule.remove}
          help={
            rule.remove && !rule.removeOnlyFromPlacement
              ? 'Without this, rows go anywhere in the structure, also those that people put there by hand.'
              : 'What people moved elsewhere stays.'
          }
        >
          {rule.placeUnder
            ? `Only directly under ${rule.placeUnder.name}`
            : 'Only at the top level'}
        </Checkbox>
      </Section>
    </>
  );
}

interface FilterFieldProps {
  rule: SavedFilterRule;
  set: (changes: Partial<SavedFilterRule>) => void;
  error: string | undefined;
}

function FilterField({ rule, set, error }: FilterFieldProps) {
  const [creating, setCreating] = useState(false);
  const [{ data }] = useQuery({ query: SavedFiltersDocument, requestPolicy: 'cache-and-network' });
  const filters = data?.savedFilters.nodes ?? [];
  const { filter } = rule;
  const options =
    filter && !filters.some(({ id }) => id === filter.id) ? [filter, ...filters] : filters;
  return (
    <div className={styles.choose}>
      <SelectField
        label="Saved filter"
        value={filter?.id ?? ''}
        onChange={(id) => set({ filter: options.find((option) => option.id === id) ?? null })}
        options={[
          { value: '', text: 'Choose…' },
          ...options.map(({ id, name }) => ({ value: id, text: name })),
        ]}
        error={error}
        help={
          filter && (
            <>
              <code className={styles.query}>{filter.jql || 'every issue'}</code>
              {hasRelativeDate(filter.jql) &&
                ' It has a relative date: its result changes without a change of an issue, and only a resync notices that.'}
            </>
          )
        }
      />
      <Button onPress={() => setCreating(true)}>
        <Plus aria-hidden="true" /> New filter…
      </Button>
      <CreateFilter
        isOpen={creating}
        onClose={() => setCreating(false)}
        onMade={(filter) => {
          set({ filter });
          setCreating(false);
        }}
      />
    </div>
  );
}
