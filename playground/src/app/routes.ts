// The addresses of the pages. They live behind `#`, so the server needs to know none of them and
// everything may be served below any path.

import type { SynchronizerKind } from '../gql/schema';

/** How a kind of synchronizer is written in an address: `saved-filter`. */
export function slug(kind: SynchronizerKind): string {
  return kind.toLowerCase().replace('_', '-');
}

/** The address of each page, as `href` of a link inside the page. */
export const routes = {
  structures: () => '/',
  structure: (id: string) => `/structures/${encodeURIComponent(id)}`,
  settings: (structureId: string) => `/structures/${encodeURIComponent(structureId)}/sync`,
  install: (structureId: string, kind?: SynchronizerKind) =>
    `/structures/${encodeURIComponent(structureId)}/sync/install${kind ? `/${slug(kind)}` : ''}`,
  edit: (synchronizerId: string) => `/synchronizers/${encodeURIComponent(synchronizerId)}`,
  resync: (synchronizerId: string, enable = false) =>
    `/synchronizers/${encodeURIComponent(synchronizerId)}/resync${enable ? '/enable' : ''}`,
  jobs: () => '/jobs',
  job: (id: string) => `/jobs/${encodeURIComponent(id)}`,
  explorer: () => '/explorer',
};
