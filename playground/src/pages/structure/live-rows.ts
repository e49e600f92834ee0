// The rows of a structure as they are now: read once, then kept up to date by its changes. The
// changes since the version that was read are asked for, so none is lost while pages come in; they
// may come again after a broken connection, and those that are known are dropped.

import { print } from 'graphql';
import type { Connection } from '../../app/connection';
import type { PlacedRow } from './forest';
import { sumUp } from './news';
import { itemOf, Rows } from './rows';
import {
  RowPlacesDocument,
  StructureExistsDocument,
  StructureLiveDocument,
  type RowContentFragment,
  type RowPlaceFragment,
  type StructureLiveSubscription,
} from './rows.generated';

type Change = StructureLiveSubscription['structureChanges'];

/** Changes that come within this time are shown as one, in milliseconds. */
const GATHERED_FOR = 40;
/** After this long without a change a burst has ended. */
const BURST_ENDS = 1_000;
/** Rows that were touched are marked for this long. */
const MARKED_FOR = 4_000;
/** Where so much changed at once that marks would say nothing, there are none. */
const MARKED_AT_MOST = 100;
/** A burst that leaves more rows in doubt is cheaper to read anew. */
const SETTLED_AT_MOST = 5_000;
const READ_AGAIN_AFTER = 500;
const IDS_AT_ONCE = 500;
/** The first pause before following again; it doubles until the longest. */
const FOLLOW_AGAIN_AFTER = 500;
const LONGEST_PAUSE = 4_000;

const place = ({ id, parent, previousSibling }: RowPlaceFragment) => ({
  id,
  parent: parent?.id ?? null,
  previous: previousSibling?.id ?? null,
});

const placed = (row: RowContentFragment & RowPlaceFragment): PlacedRow => ({
  ...place(row),
  item: itemOf(row),
});

/** The rows of a structure, live. */
export class LiveRows extends Rows {
  /** What happened last, in words; empty before anything did. */
  news = '';
  /** Rows that were just added or moved. */
  readonly marked = new Set<string>();
  private queue: Change[] = [];
  private burst: Change[] = [];
  private unsubscribe: (() => void) | null = null;
  /** When following began, and how many pauses there were since it last went on for long. */
  private followedSince = 0;
  private pauses = 0;
  private gathering: ReturnType<typeof setTimeout> | undefined;
  private quiet: ReturnType<typeof setTimeout> | undefined;
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();
  private readonly arrivals = new Set<() => void>();

  constructor(
    private readonly connection: Connection,
    structureId: string,
    private readonly viewerId: string,
    /** Whether the server tells which jobs made changes. */
    private readonly synchronizers: boolean,
  ) {
    super(connection.direct, structureId);
  }

  /** How many changes wait until all rows have been read. */
  get behind(): number {
    return this.queue.length;
  }

  override stop(): void {
    super.stop();
    this.unsubscribe?.();
    this.unsubscribe = null;
    clearTimeout(this.gathering);
    clearTimeout(this.quiet);
    this.timers.forEach(clearTimeout);
    this.timers.clear();
    this.arrivals.forEach((arrive) => arrive());
  }

  /** Resolves once a version is shown, or after a while: the connection may be down. */
  reach(version: number): Promise<void> {
    return new Promise((resolve) => {
      const arrive = () => {
        if (!this.stopped && (this.version ?? 0) < version) return;
        this.arrivals.delete(arrive);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.arrivals.delete(arrive);
        resolve();
      }, 3_000);
      this.arrivals.add(arrive);
      arrive();
    });
  }

  protected override onVersion(version: number): void {
    this.queue = this.queue.filter((change) => change.version > version);
    this.follow();
  }

  protected override onComplete(): void {
    if (this.queue.length > 0) this.applyAll();
  }

  private follow(): void {
    if (this.unsubscribe) return;
    const rows = this;
    const variables = {
      id: this.structureId,
      synchronizers: this.synchronizers,
      // Read anew whenever the connection comes back: what is known need not come again.
      get sinceVersion() {
        return rows.queue.at(-1)?.version ?? rows.version ?? 0;
      },
    };
    // Changes are no longer kept that long: the rows are read anew.
    const again = () => {
      this.unsubscribe?.();
      this.unsubscribe = null;
      this.queue = [];
      if (!this.stopped) this.later(READ_AGAIN_AFTER, () => this.start());
    };
    const unsubscribe = this.connection.socket.subscribe<StructureLiveSubscription>(
      { query: print(StructureLiveDocument), variables },
      {
        next: ({ data, errors }) => {
          if (data) this.hear(data.structureChanges);
          else if (errors) again();
        },
        error: again,
        complete: () => {
          // An own goodbye completes as well.
          if (this.unsubscribe !== unsubscribe) return;
          this.unsubscribe = null;
          if (performance.now() - this.followedSince > LONGEST_PAUSE) this.pauses = 0;
          void this.followAgain();
        },
      },
    );
    this.unsubscribe = unsubscribe;
    this.followedSince = performance.now();
  }

  /** The server ends the changes of a structure that is deleted, but also all when it stops. */
  private async followAgain(): Promise<void> {
    const variables = { id: this.structureId };
    const { data } = await this.client.query(StructureExistsDocument, variables).toPromise();
    if (this.stopped) return;
    if (data?.structure === null) return this.end('missing');
    // All pages ask at once after a restart: chance spreads them.
    const pause = Math.min(LONGEST_PAUSE, FOLLOW_AGAIN_AFTER * 2 ** this.pauses++);
    this.later(pause * (0.75 + Math.random() / 2), () =>
      data ? this.follow() : void this.followAgain(),
    );
  }

  private hear(change: Change): void {
    const last = this.queue.at(-1)?.version ?? this.version ?? 0;
    if (change.version <= last) return;
    this.queue.push(change);
    if (this.phase === 'paused') this.tell();
    if (this.phase !== 'ready') return;
    this.gathering ??= setTimeout(() => this.applyAll(), GATHERED_FOR);
  }

  private applyAll(): void {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    const changes = this.queue;
    this.queue = [];
    for (const change of changes) {
      const rows = { added: change.added.map(placed), moved: change.moved.map(placed) };
      this.forest.apply({ ...rows, removed: change.removedRowIds });
      this.version = change.version;
      this.mark([...rows.added, ...rows.moved].map(({ id }) => id));
    }
    this.total = this.forest.size;
    this.burst.push(...changes);
    this.news = sumUp(this.burst, this.viewerId);
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => void this.endBurst(), BURST_ENDS);
    this.show();
    this.arrivals.forEach((arrive) => arrive());
  }

  private mark(ids: string[]): void {
    if (ids.length > MARKED_AT_MOST) return;
    for (const id of ids) this.marked.add(id);
    this.later(MARKED_FOR, () => {
      for (const id of ids) this.marked.delete(id);
      this.tell();
    });
  }

  private later(delay: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, delay);
    this.timers.add(timer);
  }

  /** Asks once more where rows stand whose places are in doubt. */
  private async endBurst(): Promise<void> {
    this.burst = [];
    const doubtful = this.forest.endBurst();
    if (doubtful.length === 0) return;
    if (doubtful.length > SETTLED_AT_MOST) return this.start();
    const { forest, version } = this;
    const places = [];
    for (let from = 0; from < doubtful.length; from += IDS_AT_ONCE) {
      const ids = doubtful.slice(from, from + IDS_AT_ONCE);
      const { data } = await this.client.query(RowPlacesDocument, { ids }).toPromise();
      if (!data) return this.stopped ? undefined : this.start();
      for (const row of data.nodes) if (row?.__typename === 'Row') places.push(place(row));
    }
    if (this.stopped || forest !== this.forest) return;
    // Something changed meanwhile: these places are of no one version.
    if (version !== this.version || this.queue.length > 0) return this.start();
    this.forest.settle(places);
    this.show();
  }
}
