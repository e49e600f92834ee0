// Statuses in an order that matters: added, removed, moved up and down.

import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import { Button } from '../../../ui/button';
import { TextField } from '../../../ui/field';
import styles from './form.module.css';
import { sameName } from './names-field';
import { useNames } from './use-names';

interface Props {
  value: string[];
  onChange: (value: string[]) => void;
  error?: string | undefined;
}

/** The list with its buttons, and what can be added to it. */
export function StatusesField({ value, onChange, error }: Props) {
  const id = useId();
  const known = useNames('status');
  const list = useRef<HTMLOListElement>(null);
  const [typed, setTyped] = useState('');
  const [said, setSaid] = useState('');
  const wanted = typed.trim();
  const offered = known.filter(
    (name) =>
      !value.some((it) => sameName(it, name)) && name.toLowerCase().includes(wanted.toLowerCase()),
  );

  const add = (name: string) => {
    const exact = known.find((it) => sameName(it, name)) ?? name;
    if (value.some((it) => sameName(it, exact))) return setSaid(`${exact} is in the list already.`);
    onChange([...value, exact]);
    setTyped('');
    setSaid(`${exact} is number ${value.length + 1}.`);
  };
  const move = (at: number, by: number) => {
    const next = [...value];
    const [name = ''] = next.splice(at, 1);
    next.splice(at + by, 0, name);
    onChange(next);
    setSaid(`${name} is number ${at + by + 1} of ${value.length}.`);
    // At an end the pressed button is disabled and would lose the focus.
    const row = list.current?.children[at];
    const opposite = row?.querySelectorAll('button')[by < 0 ? 1 : 0];
    if (at + by === 0 || at + by === value.length - 1)
      requestAnimationFrame(() => opposite?.focus());
  };
  const remove = (at: number) => {
    onChange(value.filter((_, place) => place !== at));
    setSaid(`${value[at]} is removed.`);
    const neighbour = list.current?.children[at + 1] ?? list.current?.children[at - 1];
    const button = neighbour?.querySelector<HTMLElement>('button:last-of-type');
    requestAnimationFrame(() => button?.focus());
  };

  return (
    <fieldset
      className={styles.names}
      aria-describedby={`${id}-help ${id}-error`}
      data-invalid={error ? true : undefined}
    >
      <legend className={styles.label}>Statuses, the earliest first</legend>
      <p id={`${id}-help`} className={styles.help}>
        A parent gets the first of these that one of its children is in, if all its children are in
        one of them.
      </p>
      {value.length > 0 && (
        <ol className={styles.statuses} ref={list}>
          {value.map((name, at) => (
            <li key={name}>
              <span className={styles.place}>{at + 1}</span>
              <span className={styles.status}>{name}</span>
              <Button
                look="quiet"
                small
                icon
                aria-label={`Move ${name} up`}
                isDisabled={at === 0}
                onPress={() => move(at, -1)}
              >
                <ArrowUp aria-hidden="true" />
              </Button>
              <Button
                look="quiet"
                small
                icon
                aria-label={`Move ${name} down`}
                isDisabled={at === value.length - 1}
                onPress={() => move(at, 1)}
              >
                <ArrowDown aria-hidden="true" />
              </Button>
              <Button
                look="quiet"
                small
                icon
                aria-label={`Remove ${name}`}
                onPress={() => remove(at)}
              >
                <X aria-hidden="true" />
              </Button>
            </li>
          ))}
        </ol>
      )}
      {offered.length > 0 && (
        <div className={styles.chips} role="group" aria-label="Statuses to add">
          {offered.slice(0, 24).map((name) => (
            <Button key={name} small onPress={() => add(name)} aria-label={`Add ${name}`}>
              <Plus aria-hidden="true" /> {name}
            </Button>
          ))}
        </div>
      )}
      <div
        className={styles.add}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          if (wanted) add(wanted);
        }}
      >
        <TextField label="Another status" value={typed} onChange={setTyped} />
        <Button onPress={() => add(wanted)} isDisabled={!wanted}>
          <Plus aria-hidden="true" /> Add
        </Button>
      </div>
      <p id={`${id}-error`} className={styles.error}>
        {error}
      </p>
      <div role="status" className="visually-hidden">
        {said}
      </div>
    </fieldset>
  );
}
