// The access token of this browser tab. It lives in sessionStorage, so it ends with the tab and
// is never shared with another one.

const KEY = 'understory.token';

/**
 * Takes a token out of an address such as `http://host/#token=…` and removes it from the address
 * bar and the history at once, so that it is not copied, bookmarked or seen by accident.
 */
export function adoptTokenFromAddress(): boolean {
  const match = /(?:^#|&)token=([^&]+)/.exec(location.hash);
  if (!match?.[1]) return false;
  history.replaceState(history.state, '', location.pathname + location.search);
  saveToken(decodeURIComponent(match[1]));
  return true;
}

/** The token of this tab, or null when nobody is signed in. */
export function loadToken(): string | null {
  return sessionStorage.getItem(KEY);
}

/** Keeps a token until the tab is closed. */
export function saveToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}

/** Forgets the token: signs out. */
export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
}
