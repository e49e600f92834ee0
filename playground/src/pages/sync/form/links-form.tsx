// The settings of a synchronizer that keeps links and the hierarchy alike.

import { useQuery } from 'urql';
import { RadioGroup, SelectField } from '../../../ui/field';
import type { LinksRule } from '../rule';
import { LinkTypesDocument } from './form.generated';
import { JqlField } from './jql-field';
import { Section } from './section';
import type { FormProps } from './types';

/** Its fields. */
export function LinksForm({ rule, onChange, errors }: FormProps<LinksRule>) {
  const set = (changes: Partial<LinksRule>) => onChange({ ...rule, ...changes });
  const [{ data }] = useQuery({ query: LinkTypesDocument });
  const types = data?.linkTypes ?? (rule.linkType ? [rule.linkType] : []);
  const { linkType } = rule;
  return (
    <>
      <Section title="Which links">
        <SelectField
          label="Type of link"
          value={linkType?.id ?? ''}
          onChange={(id) => set({ linkType: types.find((type) => type.id === id) ?? null })}
          options={[
            { value: '', text: 'Choose…' },
            ...types.map(({ id, name, outward, inward }) => ({
              value: id,
              text: `${name} (${outward} / ${inward})`,
            })),
          ]}
          error={errors.linkTypeId}
        />
        <RadioGroup
          label="The parent is the issue that …"
          value={rule.parentEnd}
          onChange={(parentEnd) => set({ parentEnd })}
          error={errors.parentEnd}
          options={[
            {
              value: 'SOURCE',
              text: linkType ? `${linkType.outward} the other` : 'the link starts from',
              help: linkType
                ? `“A ${linkType.outward} B”: B stands below A.`
                : 'Choose a type of link to see its words.',
            },
            {
              value: 'TARGET',
              text: linkType ? `${linkType.inward} the other` : 'the link leads to',
              help: linkType
                ? `“A ${linkType.outward} B”: A stands below B.`
                : 'Choose a type of link to see its words.',
            },
          ]}
        />
        <RadioGroup
          label="How far it looks"
          value={rule.scope}
          onChange={(scope) => set({ scope })}
          options={[
            {
              value: 'IN_STRUCTURE',
              text: 'Only at links within the structure',
              help: 'Both issues have a row already. No issue is added.',
            },
            {
              value: 'EXPAND_TO_SUB_ISSUES',
              text: 'Also at linked sub-issues',
              help: 'What is linked below an issue of the structure is added, level by level.',
            },
            {
              value: 'ALL_ISSUES',
              text: 'At every link of the type',
              help: 'Both issues of each are added. A resync from the structure may delete any such link in the tracker.',
            },
          ]}
        />
      </Section>
      <Section title="Which issues">
        <JqlField
          label="Issues that may be parents (JQL)"
          value={rule.parentJql}
          onChange={(parentJql) => set({ parentJql })}
          error={errors.parentJql}
          empty="All issues."
        />
        <JqlField
          label="Issues that may stand below them (JQL)"
          value={rule.subIssueJql}
          onChange={(subIssueJql) => set({ subIssueJql })}
          error={errors.subIssueJql}
          help="Links whose issues do not match both queries are neither followed nor deleted."
          empty="All issues."
        />
      </Section>
      <Section title="When the two sides differ">
        <RadioGroup
          label="A row below an issue that it is not linked to"
          value={rule.unlinkedRows}
          onChange={(unlinkedRows) => set({ unlinkedRows })}
          options={[
            { value: 'KEEP', text: 'Stays' },
            { value: 'MOVE_TO_TOP_LEVEL', text: 'Moves to the end of the top level' },
            {
              value: 'REMOVE',
              text: 'Is removed',
              help: 'What stands below it moves up into its place.',
            },
          ]}
        />
        <RadioGroup
          label="Incremental synchronization"
          value={rule.primacy}
          onChange={(primacy) => set({ primacy })}
          options={[
            {
              value: 'TWO_WAY',
              text: 'Carries changes both ways',
              help: 'A new link moves a row, a moved row makes a link.',
            },
            {
              value: 'STRUCTURE',
              text: 'Lets the structure win',
              help: 'Changes of links that contradict it are put back.',
            },
            {
              value: 'TRACKER',
              text: 'Lets the links win',
              help: 'Moves of rows that contradict them are put back.',
            },
          ]}
        />
      </Section>
    </>
  );
}
