// Fields of forms: each has a label, may have a line of help, and shows its own error.

import { Check } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import {
  Checkbox as AriaCheckbox,
  type CheckboxProps as AriaCheckboxProps,
} from 'react-aria-components/Checkbox';
import { Radio, RadioGroup as AriaRadioGroup } from 'react-aria-components/RadioGroup';
import {
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
  TextField as AriaTextField,
} from 'react-aria-components/TextField';
import styles from './field.module.css';

interface TextFieldProps {
  label: string;
  /** The label is for readers only: what stands around the field says what it is. */
  labelHidden?: boolean;
  value: string;
  onChange: (value: string) => void;
  help?: ReactNode;
  error?: string | undefined;
  type?: 'text' | 'search' | 'number' | 'password';
  placeholder?: string;
  isRequired?: boolean;
  isDisabled?: boolean;
  autoFocus?: boolean;
  maxLength?: number;
  min?: number;
  max?: number;
  /** For queries: in the font of code. */
  code?: boolean;
  /** Several lines. */
  lines?: number;
}

/** A line, or several, of text. */
export function TextField({
  label,
  labelHidden,
  help,
  error,
  code,
  lines,
  type,
  placeholder,
  min,
  max,
  ...props
}: TextFieldProps) {
  const className = code ? `${styles.control} ${styles.code}` : styles.control;
  return (
    <AriaTextField
      {...props}
      type={type ?? 'text'}
      className={styles.field}
      isInvalid={!!error}
      validationBehavior="aria"
    >
      <Label className={labelHidden ? 'visually-hidden' : styles.label!}>{label}</Label>
      {lines ? (
        <TextArea className={className} rows={lines} placeholder={placeholder} spellCheck={!code} />
      ) : (
        <Input
          className={className}
          placeholder={placeholder}
          spellCheck={!code}
          min={min}
          max={max}
        />
      )}
      {help && (
        <Text slot="description" className={styles.help}>
          {help}
        </Text>
      )}
      <FieldError className={styles.error}>{error}</FieldError>
    </AriaTextField>
  );
}

interface SelectFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: { value: string; text: string }[];
  help?: ReactNode;
  error?: string | undefined;
  isDisabled?: boolean;
}

/** One of a list. The browser's own control: it works best on telephones and with readers. */
export function SelectField({
  label,
  value,
  onChange,
  options,
  help,
  error,
  isDisabled,
}: SelectFieldProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <select
        id={id}
        className={styles.control}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={!!error}
        aria-describedby={`${id}-help ${id}-error`}
        disabled={isDisabled}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
      {help && (
        <span id={`${id}-help`} className={styles.help}>
          {help}
        </span>
      )}
      {error && (
        <span id={`${id}-error`} className={styles.error}>
          {error}
        </span>
      )}
    </div>
  );
}

interface CheckboxProps extends Omit<AriaCheckboxProps, 'children' | 'className'> {
  children: ReactNode;
  help?: ReactNode;
}

/** Yes or no. */
export function Checkbox({ children, help, ...props }: CheckboxProps) {
  return (
    <AriaCheckbox {...props} className={styles.choice}>
      {({ isSelected }) => (
        <>
          <span className={styles.mark} aria-hidden="true">
            {isSelected && <Check />}
          </span>
          <span className={styles.words}>
            <span>{children}</span>
            {help && <span className={styles.help}>{help}</span>}
          </span>
        </>
      )}
    </AriaCheckbox>
  );
}

interface RadioGroupProps<Value extends string> {
  label: string;
  value: Value | null;
  onChange: (value: Value) => void;
  options: { value: Value; text: ReactNode; help?: ReactNode; isDisabled?: boolean }[];
  error?: string | undefined;
}

/** One of a few, all in sight. */
export function RadioGroup<Value extends string>({
  label,
  value,
  onChange,
  options,
  error,
}: RadioGroupProps<Value>) {
  return (
    <AriaRadioGroup
      className={styles.group}
      value={value}
      onChange={(chosen) => onChange(chosen as Value)}
      isInvalid={!!error}
      validationBehavior="aria"
    >
      <Label className={styles.label}>{label}</Label>
      {options.map((option) => (
        <Radio
          key={option.value}
          value={option.value}
          className={styles.choice}
          isDisabled={option.isDisabled ?? false}
        >
          <span className={`${styles.mark} ${styles.round}`} aria-hidden="true" />
          <span className={styles.words}>
            <span>{option.text}</span>
            {option.help && <span className={styles.help}>{option.help}</span>}
          </span>
        </Radio>
      ))}
      <FieldError className={styles.error}>{error}</FieldError>
    </AriaRadioGroup>
  );
}
