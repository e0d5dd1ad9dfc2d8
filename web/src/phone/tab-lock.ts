/** Which tab of this browser has the phone, by the browser's own lock: it is free as soon as its tab is gone. */

import type { TabLock } from "./ports";

const NAME = "phone";

export class BrowserTabLock implements TabLock {
  #release: (() => void) | null = null;
  #waiting: AbortController | null = null;

  readonly take = async (steal: boolean, onLost: () => void): Promise<boolean> => {
    this.release();
    return await new Promise<boolean>((resolve) => {
      const held = navigator.locks.request(NAME, steal ? { steal: true } : { ifAvailable: true }, async (lock) => {
        if (lock === null) {
          resolve(false);
          return;
        }
        await new Promise<void>((release) => {
          this.#release = release;
          resolve(true);
        });
      });
      held.catch(() => {
        this.#release = null;
        onLost(); // stolen
      });
    });
  };

  readonly wait = (onFree: () => void): void => {
    this.#waiting?.abort();
    const waiting = (this.#waiting = new AbortController());
    navigator.locks.request(NAME, { signal: waiting.signal }, () => undefined).then(onFree, () => undefined);
  };

  readonly release = (): void => {
    this.#waiting?.abort();
    this.#waiting = null;
    this.#release?.();
    this.#release = null;
  };
}
