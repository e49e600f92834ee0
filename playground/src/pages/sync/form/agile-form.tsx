// The settings of a synchronizer that keeps epics and order of a board and the hierarchy alike.

import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { Button } from '../../../ui/button';
import { Checkbox, RadioGroup, SelectField } from '../../../ui/field';
import type { AgileRule } from '../rule';
import { CreateBoard } from './create-named';
import { BoardsDocument } from './form.generated';
import styles from './form.module.css';
import { NamesField } from './names-field';
import { Section } from './section';
import type { FormProps } from './types';

/** Its fields. */
export function AgileForm({ rule, onChange, errors }: FormProps<AgileRule>) {
  const set = (changes: Partial<AgileRule>) => onChange({ ...rule, ...changes });
  return (
    <>
      <Section title="Which issues">
        <RadioGroup
          label="It looks after the issues of"
          value={rule.source}
          onChange={(source) => set({ source })}
          options={[
            { value: 'BOARD', text: 'A board', help: 'What its query finds.' },
            { value: 'PROJECTS', text: 'Projects', help: 'All issues of them.' },
          ]}
        />
        {rule.source === 'BOARD' ? (
          <BoardField rule={rule} set={set} error={errors.boardId} />
        ) : (
          <NamesField
            label="Projects"
            of="project"
            value={rule.projectKeys}
            onChange={(projectKeys) => set({ projectKeys })}
            error={errors.projectKeys}
            otherLabel="Another project, by key"
          />
        )}
        <p className={styles.help}>Other issues and folders stay where they are.</p>
      </Section>
      <Section title="What is kept alike">
        <Checkbox
          isSelected={rule.syncEpics}
          onChange={(syncEpics) => set({ syncEpics })}
          help="An issue stands below its epic; whatever epic it is put below becomes its own."
        >
          Epics
        </Checkbox>
        <Checkbox
          isSelected={rule.syncRank}
          onChange={(syncRank) => set({ syncRank })}
          isInvalid={!!errors.syncRank}
          help="The order of the backlog and the order of the rows are the same."
        >
          Order (ranks)
        </Checkbox>
        {errors.syncRank && (
          <p className={styles.error} role="alert">
            {errors.syncRank}
          </p>
        )}
        {rule.syncRank && (
          <div className={styles.inset}>
            <RadioGroup
              label="Ranks follow the structure"
              value={rule.rankMode}
              onChange={(rankMode) => set({ rankMode })}
              options={[
                {
                  value: 'INDEPENDENT',
                  text: 'Among siblings',
                  help: 'The children of each parent are ranked in their order. Fewest changes.',
                },
                {
                  value: 'CONSECUTIVE',
                  text: 'From top to bottom',
                  help: 'All issues are ranked as they follow each other in the whole structure.',
                },
              ]}
            />
          </div>
        )}
        <Checkbox
          isSelected={rule.addSubTasks}
          onChange={(addSubTasks) => set({ addSubTasks })}
          help="Adds and moves rows only; no sub-task gets another parent."
        >
          Sub-tasks below their parents
        </Checkbox>
      </Section>
    </>
  );
}

interface BoardFieldProps {
  rule: AgileRule;
  set: (changes: Partial<AgileRule>) => void;
  error: string | undefined;
}

function BoardField({ rule: { board }, set, error }: BoardFieldProps) {
  const [creating, setCreating] = useState(false);
  const [{ data }] = useQuery({ query: BoardsDocument, requestPolicy: 'cache-and-network' });
  const boards = data?.boards ?? [];
  const options = board && !boards.some(({ id }) => id === board.id) ? [board, ...boards] : boards;
  return (
    <div className={styles.choose}>
      <SelectField
        label="Board"
        value={board?.id ?? ''}
        onChange={(id) => set({ board: options.find((option) => option.id === id) ?? null })}
        options={[
          { value: '', text: 'Choose…' },
          ...options.map(({ id, name, ranked }) => ({
            value: id,
            text: ranked ? name : `${name} (not ranked)`,
          })),
        ]}
        error={error}
        help={board && <code className={styles.query}>{board.jql || 'every issue'}</code>}
      />
      <Button onPress={() => setCreating(true)}>
        <Plus aria-hidden="true" /> New board…
      </Button>
      <CreateBoard
        isOpen={creating}
        onClose={() => setCreating(false)}
        onMade={(board) => {
          set({ board });
          setCreating(false);
        }}
      />
    </div>
  );
}
