/** Addresses of the panel. They hold ids only, never a name or a number. */

import { Store } from "../state/store";

class Router extends Store<string> {
  constructor() {
    super(location.pathname);
    addEventListener("popstate", () => this.set(location.pathname));
  }

  readonly go = (path: string): void => {
    if (path === this.get()) return;
    history.pushState(null, "", path);
    this.set(path);
    scrollTo(0, 0);
  };

  readonly replace = (path: string): void => {
    history.replaceState(null, "", path);
    this.set(path);
  };
}

export const router = new Router();

/** The id in `path` after `prefix`, as in /campaigns/<id>; null when there is none. */
export function idAfter(path: string, prefix: string): string | null {
  const rest = path.startsWith(`${prefix}/`) ? path.slice(prefix.length + 1) : "";
  return /^[0-9a-f-]{36}(\/[a-z-]+)?$/.test(rest) ? rest.slice(0, 36) : null;
}

/** The part of a thing's page, as in /campaigns/<id>/settings; empty for the page itself. */
export function partAfter(path: string, prefix: string): string {
  return path.slice(prefix.length + 38);
}
