// Keeps the bar when a page cannot be shown: its script did not come (the server is away, or has
// another version by now), or it failed.

import { Unplug } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { Button } from '../ui/button';
import { Empty } from '../ui/state';

interface Props {
  children: ReactNode;
}

/** Shows its children or, once one of them has failed, how to go on. */
export class PageBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Empty
        icon={Unplug}
        title="This page could not be loaded"
        alert
        actions={
          <Button look="primary" onPress={() => location.reload()}>
            Load again
          </Button>
        }
      >
        The server may be away for a moment, or have got a new version since you opened it. Nothing
        that you did is lost.
      </Empty>
    );
  }
}
