// Which page an address shows. Each comes with its own script, when it is first gone to.

import { FolderTree } from 'lucide-react';
import { lazy } from 'react';
import { Route, Switch } from 'wouter';
import { ButtonLink } from '../ui/button';
import { Empty } from '../ui/state';
import { StructuresPage } from '../pages/structures/structures-page';
import { routes } from './routes';

const SettingsPage = lazy(() => import('../pages/sync/settings-page'));
const InstallPage = lazy(() => import('../pages/sync/install-page'));
const EditPage = lazy(() => import('../pages/sync/edit-page'));
const ExplorerPage = lazy(() => import('../explorer/explorer-page'));

/** The page that the address names. */
export function Pages() {
  return (
    <Switch>
      <Route path="/" component={StructuresPage} />
      <Route path="/structures/:id/sync" component={SettingsPage} />
      <Route path="/structures/:id/sync/install/:kind?" component={InstallPage} />
      <Route path="/synchronizers/:id" component={EditPage} />
      <Route path="/explorer" component={ExplorerPage} />
      <Route>
        <Empty
          icon={FolderTree}
          title="There is no page here"
          actions={<ButtonLink to={routes.structures()}>All structures</ButtonLink>}
        >
          The address may be cut short.
        </Empty>
      </Route>
    </Switch>
  );
}
