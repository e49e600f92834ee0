// Starting the resync that was looked at, and what the server may have against it.

import { useMutation } from 'urql';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { routes } from '../../app/routes';
import type { StartResyncInput } from '../../gql/schema';
import { StartResyncDocument } from './resync.generated';

/** Starts a resync, and goes to its job. */
export function useStart() {
  const [{ data, error, fetching }, mutate] = useMutation(StartResyncDocument);
  const [, navigate] = useLocation();
  const [forgotten, setForgotten] = useState(true);
  const payload = forgotten ? undefined : data?.startResync;
  const codes = payload?.userErrors.map(({ code }) => code) ?? [];
  const rest = payload?.userErrors.filter(
    ({ code }) => !['PREVIEW_STALE', 'ALREADY_QUEUED'].includes(code),
  );
  return {
    busy: fetching,
    /** How its plan differs from the dry run, if it does. */
    stale: payload?.userErrors.find(({ code }) => code === 'PREVIEW_STALE')?.message,
    /** The resync that is on its way already, if one is. */
    inTheWay: codes.includes('ALREADY_QUEUED') ? payload?.job : undefined,
    errors: rest,
    failure: forgotten ? undefined : error,
    forget: () => setForgotten(true),
    /** Whether it was started. */
    async begin(input: StartResyncInput) {
      setForgotten(false);
      const { data } = await mutate({ input: { ...input, confirm: true } });
      const { job, userErrors } = data?.startResync ?? { job: null, userErrors: [] };
      if (job && userErrors.length === 0) navigate(routes.job(job.id));
    },
  };
}

/** What `useStart` gives. */
export type Start = ReturnType<typeof useStart>;
