import type { Sink } from 'graphql-ws';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { subscribeAgain } from './subscribe-again';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A socket whose subscriptions are told by hand. */
function createSocket() {
  const sinks: Sink[] = [];
  const left = vi.fn();
  return {
    sinks,
    left,
    subscribe(_payload: unknown, sink: Sink) {
      sinks.push(sink);
      return left;
    },
  };
}

const createSink = () => ({ next: vi.fn(), error: vi.fn(), complete: vi.fn() });
const job = (state: string) => ({ data: { jobStatus: { state } } });

test('what a stopping server completes is begun anew, after growing pauses', () => {
  const [socket, sink] = [createSocket(), createSink()];
  subscribeAgain(socket, { query: 'subscription { jobs { id } }' }, sink);
  socket.sinks[0]?.complete();
  vi.advanceTimersByTime(499);
  expect(socket.sinks).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(socket.sinks).toHaveLength(2);
  socket.sinks[1]?.complete();
  vi.advanceTimersByTime(999);
  expect(socket.sinks).toHaveLength(2);
  vi.advanceTimersByTime(1);
  expect(socket.sinks).toHaveLength(3);
  expect(sink.complete).not.toHaveBeenCalled();
});

test('a job that runs goes on, one that has ended is over', () => {
  const [socket, sink] = [createSocket(), createSink()];
  subscribeAgain(socket, { query: 'subscription { jobStatus(id: "j") { state } }' }, sink);
  socket.sinks[0]?.next(job('RUNNING'));
  socket.sinks[0]?.complete();
  vi.runAllTimers();
  socket.sinks[1]?.next(job('SUCCEEDED'));
  socket.sinks[1]?.complete();
  vi.runAllTimers();
  expect(socket.sinks).toHaveLength(2);
  expect(sink.next).toHaveBeenCalledTimes(2);
  expect(sink.complete).toHaveBeenCalledOnce();
});

test('a refusal is not asked for again', () => {
  const [socket, sink] = [createSocket(), createSink()];
  subscribeAgain(socket, { query: 'subscription { jobs { id } }' }, sink);
  socket.sinks[0]?.next({ errors: [] as never });
  socket.sinks[0]?.complete();
  vi.runAllTimers();
  expect(socket.sinks).toHaveLength(1);
  expect(sink.complete).toHaveBeenCalledOnce();
});

test('who leaves is not subscribed again', () => {
  const [socket, sink] = [createSocket(), createSink()];
  const leave = subscribeAgain(socket, { query: 'subscription { jobs { id } }' }, sink);
  socket.sinks[0]?.complete();
  leave();
  vi.runAllTimers();
  expect(socket.sinks).toHaveLength(1);
  expect(socket.left).toHaveBeenCalledOnce();
});
