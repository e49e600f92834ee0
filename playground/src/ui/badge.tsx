// Small labels for states. The words carry the meaning, the colour only repeats it.

import type { ReactNode } from 'react';
import type { JobState, StatusCategory, SynchronizerState } from '../gql/schema';
import { JOB_STATES, SYNCHRONIZER_STATES } from '../words/words';
import styles from './badge.module.css';

/** What a colour says. */
export type Tone = 'neutral' | 'good' | 'info' | 'warning' | 'danger';

interface BadgeProps {
  tone?: Tone;
  /** Something goes on: the dot pulses. */
  busy?: boolean;
  /** Without the dot. */
  bare?: boolean;
  children: ReactNode;
}

/** A small label. */
export function Badge({ tone = 'neutral', busy, bare, children }: BadgeProps) {
  const names = [
    styles.badge,
    tone !== 'neutral' && styles[tone],
    busy && styles.busy,
    bare && styles.bare,
  ];
  return <span className={names.filter(Boolean).join(' ')}>{children}</span>;
}

const SYNCHRONIZER_TONES: Record<SynchronizerState, Tone> = {
  ENABLED: 'good',
  DISABLED: 'neutral',
  NOT_AVAILABLE: 'danger',
};

/** Whether a synchronizer works. */
export function SynchronizerBadge({ state }: { state: SynchronizerState }) {
  return <Badge tone={SYNCHRONIZER_TONES[state]}>{SYNCHRONIZER_STATES[state]}</Badge>;
}

const JOB_TONES: Record<JobState, Tone> = {
  QUEUED: 'neutral',
  RUNNING: 'info',
  CANCELLING: 'warning',
  SUCCEEDED: 'good',
  PARTIALLY_SUCCEEDED: 'warning',
  FAILED: 'danger',
  CANCELLED: 'neutral',
};

/** Where a job is in its life. */
export function JobBadge({ state }: { state: JobState }) {
  return (
    <Badge tone={JOB_TONES[state]} busy={state === 'RUNNING' || state === 'CANCELLING'}>
      {JOB_STATES[state]}
    </Badge>
  );
}

const STATUS_TONES: Record<StatusCategory, Tone> = {
  TO_DO: 'neutral',
  IN_PROGRESS: 'info',
  DONE: 'good',
};

/** The status of an issue. */
export function StatusBadge({ name, category }: { name: string; category: StatusCategory }) {
  return (
    <Badge tone={STATUS_TONES[category]} bare>
      {name}
    </Badge>
  );
}
