// Why the server refused something that a person asked for.

import type { CombinedError } from 'urql';
import { Notice } from './notice';

/** A refusal as the payload of a mutation carries it. */
export interface UserError {
  code: string;
  field: readonly string[] | null;
  message: string;
}

/** The refusals of a mutation, and its failure to come through; nothing if there are none. */
export function Problems({
  errors,
  failure,
}: {
  errors?: readonly UserError[] | undefined;
  failure?: CombinedError | undefined;
}) {
  const messages = (errors ?? []).map(({ message }) => message);
  if (failure) messages.push(failureText(failure));
  if (messages.length === 0) return null;
  return (
    <Notice tone="danger" alert>
      {messages.map((message) => (
        <p key={message}>{message}</p>
      ))}
    </Notice>
  );
}

/** A failure in one sentence. */
export function failureText(failure: CombinedError): string {
  if (failure.networkError) {
    return 'The server cannot be reached. Nothing is known of what became of this: look before you try again.';
  }
  return failure.graphQLErrors[0]?.message ?? failure.message;
}

/** The refusals of a field, by the last part of its path: for the error line below it. */
export function errorOf(
  errors: readonly UserError[] | undefined,
  name: string,
): string | undefined {
  return errors?.find(({ field }) => field?.at(-1) === name)?.message;
}
