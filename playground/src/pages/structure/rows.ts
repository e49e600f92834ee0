// The rows of a structure at one version, read page by page into a forest while the first ones are
// shown already. All pages are of the version of the first one, whatever happens meanwhile.

import type { Client, CombinedError } from 'urql';
import { errorCode } from '../../ui/state';
import { Forest, type Item } from './forest';
import {
  RowContentsDocument,
  RowsPageDocument,
  type RowContentFragment,
  type RowsPageQuery,
} from './rows.generated';

/** How far reading has come. */
export type Phase = 'reading' | 'paused' | 'ready' | 'failed' | 'missing';

/** Up to so many rows are read unasked, the rest as someone scrolls there. */
export const READ_UNASKED = 250_000;
/** As many are read at a time once that is exceeded. */
const READ_MORE = 50_000;
/** The list is made anew at most this often while pages come in, in milliseconds. */
const LISTED_EVERY = 150;
const TRIES = 3;

/** The item of a row, with equal words kept once. */
export function itemOf({ item }: RowContentFragment): Item {
  if (item.__typename === 'Folder') return { kind: 'folder', name: item.name };
  const { key, summary, type, status, assignee } = item;
  return {
    kind: 'issue',
    key,
    summary,
    type: once(type.name),
    status: once(status.name),
    category: status.category,
    assignee: assignee && once(assignee),
  };
}

const words = new Map<string, string>();

function once(word: string): string {
  const known = words.get(word);
  if (known !== undefined) return known;
  words.set(word, word);
  return word;
}

/** Rows that are being read, and tell when there is something new to show. */
export class Rows {
  forest = new Forest();
  phase: Phase = 'reading';
  /** How many rows there are, also those not read yet. */
  total = 0;
  error: CombinedError | undefined;
  /** The version that the forest shows; null before the first page. */
  version: number | null = null;
  /** Grows with everything that is to be shown anew. */
  revision = 0;
  protected stopped = false;
  /** The forest that pages are read into. */
  private incoming: Forest | null = null;
  private wanted = READ_UNASKED;
  private goOn: (() => void) | null = null;
  private run = 0;
  private listedAt = 0;
  private readonly listeners = new Set<() => void>();
  /** Rows whose items have been read since they last may have changed; null: all of them. */
  private checked: Set<string> | null = null;

  constructor(
    protected readonly client: Client,
    readonly structureId: string,
    private readonly atVersion: number | null = null,
  ) {}

  /** For `useSyncExternalStore`. */
  readonly listen = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  /** For `useSyncExternalStore`. */
  readonly seen = () => this.revision;

  /** Begins to read; what is shown stays until all has been read again. */
  start(): void {
    this.stopped = false;
    void this.read(++this.run);
  }

  /** Stops for good. */
  stop(): void {
    this.stopped = true;
    this.run += 1;
  }

  /** How many rows are still to be read. */
  get missing(): number {
    return this.forest === this.incoming ? Math.max(0, this.total - this.forest.size) : 0;
  }

  /** Reads on, if a row in the list is wanted that has not been read. */
  want(index: number): void {
    if (!this.goOn || index < this.forest.shown.length) return;
    this.wanted = this.forest.size + READ_MORE;
    this.goOn();
  }

  /** Reads everything that is left. */
  wantAll(): void {
    this.wanted = Infinity;
    this.goOn?.();
  }

  /** Lists the rows in sight anew and shows them. */
  show(): void {
    this.forest.list();
    this.tell();
  }

  /** Says that issues may have changed: rows are checked as they come in sight. */
  doubtItems(): void {
    this.checked = new Set();
    this.tell();
  }

  /** Reads the items of rows again that may have changed. */
  async check(ids: readonly string[]): Promise<void> {
    const { checked } = this;
    const due = checked ? ids.filter((id) => !checked.has(id)).slice(0, 500) : [];
    if (due.length === 0) return;
    for (const id of due) checked?.add(id);
    const { data } = await this.client.query(RowContentsDocument, { ids: due }).toPromise();
    for (const row of data?.nodes ?? []) {
      if (row?.__typename === 'Row') this.forest.update(row.id, itemOf(row));
    }
    if (data && !this.stopped) this.tell();
  }

  protected tell(): void {
    this.revision += 1;
    this.listeners.forEach((listener) => listener());
  }

  /** The first page came: its version is that of all. */
  protected onVersion(_version: number): void {}

  /** All pages are there. */
  protected onComplete(): void {}

  private async read(run: number): Promise<void> {
    const forest = new Forest();
    this.incoming = forest;
    if (this.forest.size === 0) this.forest = forest;
    this.phase = 'reading';
    this.error = undefined;
    this.tell();
    let after: string | null = null;
    let version = this.atVersion;
    for (;;) {
      const page = await this.page(run, after, version);
      if (!page) return;
      if (after === null) {
        version = this.atVersion ?? page.version;
        this.total = page.rows.totalCount ?? 0;
        this.version = version;
        this.onVersion(version);
      }
      for (const row of page.rows.nodes) forest.append(row.id, row.depth, itemOf(row));
      after = page.rows.pageInfo.endCursor;
      if (!page.rows.pageInfo.hasNextPage) break;
      if (this.forest === forest) this.showNowAndThen();
      if (forest.size >= this.wanted && !(await this.pause(run))) return;
    }
    this.adopt(forest);
  }

  /** Shows a forest that is whole, folded as the one before it. */
  private adopt(forest: Forest): void {
    if (forest !== this.forest) {
      for (const row of this.forest.all()) {
        const same = row.folded && forest.find(row.id);
        if (same) same.folded = true;
      }
    }
    this.forest = forest;
    this.total = forest.size;
    this.phase = 'ready';
    this.show();
    this.onComplete();
  }

  private showNowAndThen(): void {
    const now = performance.now();
    if (now - this.listedAt < LISTED_EVERY) return;
    this.listedAt = now;
    this.show();
  }

  /** Waits until someone scrolls to the end of what is there; whether to go on. */
  private async pause(run: number): Promise<boolean> {
    this.phase = 'paused';
    this.show();
    await new Promise<void>((resolve) => (this.goOn = resolve));
    this.goOn = null;
    if (run !== this.run) return false;
    this.phase = 'reading';
    this.tell();
    return true;
  }

  /** One page; null if there is none, for a reason that is then shown. */
  private async page(run: number, after: string | null, atVersion: number | null) {
    for (let tried = 1; ; tried++) {
      const {
        data,
        error,
      }: { data?: RowsPageQuery | undefined; error?: CombinedError | undefined } = await this.client
        .query(RowsPageDocument, {
          id: this.structureId,
          after,
          atVersion,
          count: after === null,
        })
        .toPromise();
      if (run !== this.run) return null;
      if (data?.structure) return data.structure;
      if (data) {
        this.end('missing');
        return null;
      }
      const code = errorCode(error);
      if (this.atVersion === null && (code === 'CURSOR_GONE' || code === 'VERSION_GONE')) {
        this.start();
        return null;
      }
      if (tried === TRIES || code) {
        this.end('failed', error);
        return null;
      }
      await new Promise((resolve) => setTimeout(resolve, 400 * 2 ** tried));
    }
  }

  protected end(phase: Phase, error?: CombinedError): void {
    this.phase = phase;
    this.error = error;
    this.tell();
  }
}
