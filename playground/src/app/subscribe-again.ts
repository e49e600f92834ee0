// Subscriptions that outlive their server. One that stops cleanly completes every subscription, as
// if there were nothing more to tell: then it is begun anew until there is a server again. Each
// begins with the state as it is, so nothing is missed.

import type { Client as Socket, ExecutionResult, Sink, SubscribePayload } from 'graphql-ws';
import type { JobState } from '../gql/schema';
import { isEnded } from './jobs-feed';

const SHORTEST_PAUSE = 500;
const LONGEST_PAUSE = 5_000;

/** What the subscriptions of the console tell. */
interface Told {
  jobStatus?: { state: JobState };
}

/** Whether there is nothing more to tell after this. */
function isLast(told: Told | null | undefined): boolean {
  return !!told?.jobStatus && isEnded(told.jobStatus.state);
}

/** Subscribes, again and again until the last word; returns how to end that. */
export function subscribeAgain(
  socket: Pick<Socket, 'subscribe'>,
  payload: SubscribePayload,
  sink: Sink,
): () => void {
  let pause = SHORTEST_PAUSE;
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let leave = () => {};
  const begin = () => {
    leave = socket.subscribe(payload, {
      next(value: ExecutionResult<Record<string, unknown>, unknown>) {
        pause = SHORTEST_PAUSE;
        // A refusal is the last word as well.
        isOver = !!value.errors || isLast(value.data);
        sink.next(value);
      },
      error(error) {
        isOver = true;
        sink.error(error);
      },
      complete() {
        if (isOver) return sink.complete();
        timer = setTimeout(begin, pause);
        pause = Math.min(LONGEST_PAUSE, pause * 2);
      },
    });
  };
  begin();
  return () => {
    isOver = true;
    clearTimeout(timer);
    leave();
  };
}
