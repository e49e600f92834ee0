// The explorer as a page: the editor is by far the largest script, so it comes after everything
// else, and only to who goes here.

import { useEffect } from 'react';
import { useSession } from '../app/session-context';
import { Explorer } from './explorer';

/** The page at `/explorer`. */
export default function ExplorerPage() {
  const { connection } = useSession();
  useEffect(() => {
    document.title = 'Explorer · Understory';
  }, []);
  return (
    <div className="explorer">
      <h1 className="visually-hidden">Explorer</h1>
      <Explorer connection={connection} />
    </div>
  );
}
