// What was typed into the form of a synchronizer and not sent yet. It lives in sessionStorage, so it
// survives another page and a reload, and ends with the tab as the session does.

import { useEffect, useState } from 'react';
import type { Rule } from '../rule';

/** What the form edits. */
export interface Draft {
  name: string;
  rule: Rule;
}

/** The draft as it was left, unless it does not fit the form that is to take it up. */
export function parseDraft(text: string | null, start: Draft): Draft | null {
  if (text === null) return null;
  const { name, rule } = JSON.parse(text) as Draft;
  // A page of another version may have left it, with other fields.
  const fits =
    rule.kind === start.rule.kind && Object.keys(start.rule).every((field) => field in rule);
  return fits ? { name, rule } : null;
}

const isSame = (one: Draft, other: Draft) =>
  one.name === other.name && JSON.stringify(one.rule) === JSON.stringify(other.rule);

/** The input of a form that begins with `start`, kept under a key until it is sent or given up. */
export function useDraft(key: string, start: Draft) {
  const slot = `understory.draft.${key}`;
  const [original] = useState(start);
  const [kept] = useState(() => parseDraft(sessionStorage.getItem(slot), start));
  const [draft, setDraft] = useState(kept ?? original);
  const [isBack, setBack] = useState(kept !== null);
  const isUnsaved = !isSame(draft, original);

  useEffect(() => {
    if (isUnsaved) sessionStorage.setItem(slot, JSON.stringify(draft));
    else sessionStorage.removeItem(slot);
  }, [slot, draft, isUnsaved]);

  // A reload would keep the draft, closing the tab would not, and the event is the same for both.
  useEffect(() => {
    if (!isUnsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isUnsaved]);

  return {
    ...draft,
    setName: (name: string) => setDraft((now) => ({ ...now, name })),
    setRule: (rule: Rule) => setDraft((now) => ({ ...now, rule })),
    /** It was left before, and taken up again. */
    isBack: isBack && isUnsaved,
    startOver: () => {
      setDraft(original);
      setBack(false);
    },
    /** It was sent or given up, and the form goes away. */
    forget: () => sessionStorage.removeItem(slot),
  };
}
