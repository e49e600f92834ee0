import { Client, fetchExchange, gql, subscriptionExchange } from 'urql';
import { expect, test, vi } from 'vitest';
import { overtakenExchange } from './overtaken';

const LIST = gql`
  query List {
    jobs(first: 1) {
      totalCount
    }
  }
`;
const FEED = gql`
  subscription Feed {
    jobs {
      id
      state
    }
  }
`;

/** A client whose answers and news come by hand. */
function createClient() {
  const answers: ((data: unknown) => void)[] = [];
  const fetch = vi.fn(
    () =>
      new Promise<Response>((resolve) => {
        answers.push((data) => resolve(Response.json({ data })));
      }),
  );
  let comeBack = () => {};
  let tell: (data: Record<string, unknown>) => void = () => {};
  const client = new Client({
    url: 'http://localhost/',
    fetch,
    preferGetMethod: false,
    exchanges: [
      overtakenExchange((listener) => {
        comeBack = listener;
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: () => ({
          subscribe(sink) {
            tell = (data) => sink.next({ data });
            return { unsubscribe() {} };
          },
        }),
      }),
    ],
  });
  const seen: unknown[] = [];
  client.query(LIST, {}).subscribe(({ data }) => seen.push(data?.jobs.totalCount));
  client.subscription(FEED, {}).subscribe(() => {});
  return {
    answers,
    fetch,
    seen,
    comeBack: () => comeBack(),
    tell: (state: string) => tell({ jobs: { id: 'j', state } }),
  };
}

test('an answer that a job has overtaken is asked for again', async () => {
  const { answers, fetch, seen, tell } = createClient();
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(1));
  tell('QUEUED');
  answers[0]?.({ jobs: { totalCount: 0 } });
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(2));
  answers[1]?.({ jobs: { totalCount: 1 } });
  await vi.waitFor(() => expect(seen.at(-1)).toBe(1));
  expect(fetch).toHaveBeenCalledTimes(2);
});

test('an answer that nothing has overtaken is not', async () => {
  const { answers, fetch, seen, tell } = createClient();
  tell('QUEUED');
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(1));
  answers[0]?.({ jobs: { totalCount: 1 } });
  await vi.waitFor(() => expect(seen).toEqual([1]));
  tell('RUNNING');
  await new Promise((resolve) => setTimeout(resolve));
  expect(fetch).toHaveBeenCalledTimes(1);
});

test('what is on show is asked for again when the live connection has come back', async () => {
  const { answers, fetch, seen, comeBack } = createClient();
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(1));
  answers[0]?.({ jobs: { totalCount: 1 } });
  await vi.waitFor(() => expect(seen).toEqual([1]));
  comeBack();
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(2));
  answers[1]?.({ jobs: { totalCount: 3 } });
  await vi.waitFor(() => expect(seen.at(-1)).toBe(3));
});
