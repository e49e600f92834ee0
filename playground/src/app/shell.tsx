// What stands around every page: the bar with the ways to go, who is signed in, the colours, and
// word of a connection that broke.

import { Activity, FolderTree, LogOut, Monitor, Moon, SquareTerminal, Sun } from 'lucide-react';
import { Suspense, useEffect, useRef, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { Button } from '../ui/button';
import { Loading } from '../ui/state';
import { Toasts } from '../ui/toast';
import { ROLES } from '../words/words';
import { useJobsFeed } from './jobs-feed';
import { PageBoundary } from './page-boundary';
import { Pages } from './pages';
import { routes } from './routes';
import { useLink, useSession } from './session-context';
import styles from './shell.module.css';
import { chooseTheme, useTheme, type Theme } from './theme';

/** The bar, and below it the page that the address names. */
export function Shell() {
  const { viewer, server, signOut } = useSession();
  const main = useRef<HTMLElement>(null);
  const active = useJobsFeed();
  const [location] = useLocation();

  // A new page begins at its top, and the keyboard goes on from there.
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    main.current?.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [location]);

  return (
    <div className={styles.shell}>
      <header className={styles.bar}>
        <a
          className={styles.skip}
          href="#main"
          onClick={(event) => {
            // The fragment is the address of the page, so the jump is made by hand.
            event.preventDefault();
            main.current?.focus();
          }}
        >
          Skip to the page
        </a>
        <Brand />
        <nav className={styles.nav} aria-label="Pages">
          <NavLink
            to={routes.structures()}
            is={(at) => at === '/' || /^\/(structures|synchronizers)/.test(at)}
          >
            <FolderTree aria-hidden="true" />
            Structures
          </NavLink>
          {server.synchronizersEnabled && (
            <NavLink to={routes.jobs()} is={(at) => at.startsWith('/jobs')}>
              <Activity aria-hidden="true" />
              <span className={styles.long}>Background processes</span>
              <span className={styles.short}>Processes</span>
              {active > 0 && (
                <span className={styles.count} title={`${active} not ended`}>
                  {active}
                  <span className="visually-hidden"> not ended</span>
                </span>
              )}
            </NavLink>
          )}
          <NavLink to={routes.explorer()} is={(at) => at === '/explorer'}>
            <SquareTerminal aria-hidden="true" />
            Explorer
          </NavLink>
        </nav>
        <div className={styles.tools}>
          <span className={styles.viewer} data-testid="viewer">
            {viewer.name}
            <small>{ROLES[viewer.role]}</small>
          </span>
          <ThemeButton />
          <Button look="quiet" icon aria-label="Sign out" onPress={signOut}>
            <LogOut aria-hidden="true" />
          </Button>
        </div>
      </header>
      <Broken />
      <main className={styles.main} ref={main} tabIndex={-1}>
        <PageBoundary key={location}>
          <Suspense fallback={<Loading />}>
            <Pages />
          </Suspense>
        </PageBoundary>
      </main>
      <Toasts />
    </div>
  );
}

function NavLink({
  to,
  is,
  children,
}: {
  to: string;
  is: (at: string) => boolean;
  children: ReactNode;
}) {
  const [location] = useLocation();
  return (
    <Link href={to} aria-current={is(location) ? 'page' : undefined}>
      {children}
    </Link>
  );
}

/** The name of the product, which leads to the first page. */
export function Brand() {
  return (
    <a className={styles.brand} href="#/">
      <img src="./favicon.svg" alt="" width="24" height="24" /> Understory
    </a>
  );
}

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const THEMES: Record<Theme, { text: string; icon: typeof Sun }> = {
  system: { text: 'as the system has them', icon: Monitor },
  light: { text: 'light', icon: Sun },
  dark: { text: 'dark', icon: Moon },
};

function ThemeButton() {
  const theme = useTheme();
  const { text, icon: Icon } = THEMES[theme];
  return (
    <Button
      look="quiet"
      icon
      aria-label={`Colours: ${text}`}
      onPress={() => chooseTheme(NEXT[theme])}
    >
      <Icon aria-hidden="true" />
    </Button>
  );
}

/** Word of a live connection that is being tried again. */
function Broken() {
  const link = useLink();
  return (
    <div role="status">
      {link === 'broken' && (
        <div className={styles.banner}>Not connected: what you see may be old. Trying again…</div>
      )}
    </div>
  );
}
