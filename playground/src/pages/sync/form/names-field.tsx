// Some of a set of names: those that are known as chips to tick, others by typing.

import { Plus } from 'lucide-react';
import { useId, useState } from 'react';
import { Button } from '../../../ui/button';
import { TextField } from '../../../ui/field';
import styles from './form.module.css';
import { useNames, type NamedField } from './use-names';

interface Props {
  label: string;
  /** Which names are offered. */
  of: NamedField;
  value: string[];
  onChange: (value: string[]) => void;
  help?: string;
  error?: string | undefined;
  /** How the field is called to which an unknown name is added. */
  otherLabel: string;
}

/** More would be a wall; typing narrows them down. */
const MOST_SHOWN = 24;

/** Whether two names are the same to the server. */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Names to tick, and a field for others. */
export function NamesField({ label, of, value, onChange, help, error, otherLabel }: Props) {
  const id = useId();
  const known = useNames(of);
  const [typed, setTyped] = useState('');
  const wanted = typed.trim();
  const isChosen = (name: string) => value.some((chosen) => sameName(chosen, name));
  const offered = known.filter(
    (name) => !isChosen(name) && name.toLowerCase().includes(wanted.toLowerCase()),
  );
  const hidden = offered.length - MOST_SHOWN;
  const shown = known.length <= MOST_SHOWN ? known : offered.slice(0, MOST_SHOWN);
  const all = [...value.filter((name) => !shown.some((it) => sameName(it, name))), ...shown];

  const toggle = (name: string) =>
    onChange(isChosen(name) ? value.filter((chosen) => !sameName(chosen, name)) : [...value, name]);
  const add = () => {
    if (!wanted) return;
    const name = known.find((it) => sameName(it, wanted)) ?? wanted;
    if (!isChosen(name)) onChange([...value, name]);
    setTyped('');
  };

  return (
    <fieldset
      className={styles.names}
      aria-describedby={`${id}-help ${id}-error`}
      data-invalid={error ? true : undefined}
    >
      <legend className={styles.label}>{label}</legend>
      {help && (
        <p id={`${id}-help`} className={styles.help}>
          {help}
        </p>
      )}
      <div className={styles.chips}>
        {all.map((name) => (
          <label key={name} className={styles.chip}>
            <input type="checkbox" checked={isChosen(name)} onChange={() => toggle(name)} />
            {name}
          </label>
        ))}
        {known.length > MOST_SHOWN && hidden > 0 && (
          <span className={styles.help}>and {hidden} more: type to find them</span>
        )}
      </div>
      <div
        className={styles.add}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          add();
        }}
      >
        <TextField label={otherLabel} value={typed} onChange={setTyped} />
        <Button onPress={add} isDisabled={!wanted}>
          <Plus aria-hidden="true" /> Add
        </Button>
      </div>
      <p id={`${id}-error`} className={styles.error}>
        {error}
      </p>
    </fieldset>
  );
}
