// Instants and durations in words. The exact instant is in the title.

import { useSyncExternalStore } from 'react';

const FORMAT = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const EXACT = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for all: it ticks only while somebody looks. */
function listen(listener: () => void) {
  listeners.add(listener);
  // It stood still while nobody looked.
  if (timer === undefined) now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    listeners.forEach((each) => each());
  }, 15_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** How long ago, as `2 minutes ago`. */
export function ago(at: string, from: number): string {
  const seconds = Math.round((new Date(at).getTime() - from) / 1000);
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  if (unit === 'second') return Math.abs(seconds) < 15 ? 'just now' : 'less than a minute ago';
  return FORMAT.format(Math.trunc(seconds / size), unit);
}

/** An instant, as how long ago it was. */
export function Ago({ at }: { at: string }) {
  const from = useSyncExternalStore(listen, () => now);
  return (
    <time dateTime={at} title={EXACT.format(new Date(at))}>
      {ago(at, Math.max(from, new Date(at).getTime()))}
    </time>
  );
}

/** An instant, exactly. */
export function Exact({ at }: { at: string }) {
  return <time dateTime={at}>{EXACT.format(new Date(at))}</time>;
}

/** How long something took: `less than 0.1 s`, `0.4 s`, `12 s`, `3 min 5 s`. */
export function duration(from: string, to: string): string {
  const milliseconds = Math.max(0, new Date(to).getTime() - new Date(from).getTime());
  if (milliseconds < 100) return 'less than 0.1 s';
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
