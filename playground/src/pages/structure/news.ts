// What changed in a hierarchy and who changed it, in words.

import type { JobKind } from '../../gql/schema';
import { count, JOB_KINDS } from '../../words/words';

/** How many rows a change touched. */
export interface Counts {
  addedCount: number;
  movedCount: number;
  removedCount: number;
}

/** Who or what made a change. */
export interface Author {
  user: { id: string; name: string } | null;
  /** Absent where the server hides jobs. */
  job?: { id: string; number: number; kind: JobKind } | null;
}

/** `2 rows added, 1 moved`: what came first carries the noun. */
export function whatChanged({ addedCount, movedCount, removedCount }: Counts): string {
  const parts = [
    [addedCount, 'added'],
    [movedCount, 'moved'],
    [removedCount, 'removed'],
  ] as const;
  const told = parts.filter(([number]) => number > 0);
  if (told.length === 0) return 'Nothing changed';
  return told
    .map(([number, verb], index) =>
      index === 0 ? `${count(number, 'row')} ${verb}` : `${number.toLocaleString('en')} ${verb}`,
    )
    .join(', ');
}

/** `Resync 12`, or the name of a user; `you` for the viewer. */
export function whoChanged({ user, job }: Author, viewerId: string): string {
  if (job) return `${JOB_KINDS[job.kind]} ${job.number}`;
  if (!user) return 'someone';
  return user.id === viewerId ? 'you' : user.name;
}

/** Sums up changes that came together: in one sentence for each author. */
export function sumUp(changes: readonly (Counts & Author)[], viewerId: string): string {
  const sums = new Map<string, Counts>();
  for (const change of changes) {
    const who = whoChanged(change, viewerId);
    const sum = sums.get(who) ?? { addedCount: 0, movedCount: 0, removedCount: 0 };
    sum.addedCount += change.addedCount;
    sum.movedCount += change.movedCount;
    sum.removedCount += change.removedCount;
    sums.set(who, sum);
  }
  return [...sums].map(([who, sum]) => `${whatChanged(sum)} by ${who}`).join('. ');
}
