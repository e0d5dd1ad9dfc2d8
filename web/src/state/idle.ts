/**
 * Nobody at the screen: asks first, then locks it. Who may get a call is paused before that, so that no resident meets
 * an empty chair. Times are milliseconds of one clock; a laptop that slept is locked as it wakes.
 */

import { Store } from "./store";

export type IdleState = { readonly kind: "active" } | { readonly kind: "asking"; readonly seconds: number };

interface IdleOptions {
  /** Seconds without a hand on it, after which the screen locks; null: never, or nobody is signed in. */
  readonly lockAfter: () => number | null;
  /** In a conversation, or about to be: a hand is not to be expected. */
  readonly inCall: () => boolean;
  readonly lock: () => Promise<unknown>;
  /** To the same page in other tabs. */
  readonly tellOthers: () => void;
  readonly now: () => number;
}

const ASKED_FOR_SECONDS = 60;
const TELL_EVERY_MS = 5_000;

export class IdleModel extends Store<IdleState> {
  readonly #options: IdleOptions;
  #last: number;
  #told = -Infinity;
  #locking = false;

  constructor(options: IdleOptions) {
    super({ kind: "active" });
    this.#options = options;
    this.#last = options.now();
  }

  /** A key, the mouse or a finger, here. */
  readonly touched = (): void => {
    this.elsewhere();
    if (this.#last - this.#told < TELL_EVERY_MS) return;
    this.#told = this.#last;
    this.#options.tellOthers();
  };

  /** A hand in another tab. */
  readonly elsewhere = (): void => {
    // Once the time is over a touch comes too late: whoever it was has to show that it is still him.
    if (this.#over()) return;
    this.#last = this.#options.now();
    if (this.get().kind !== "active") this.set({ kind: "active" });
  };

  /** Signed in, or unlocked: the time begins anew. */
  readonly begin = (): void => {
    this.#last = this.#options.now();
    if (this.get().kind !== "active") this.set({ kind: "active" });
  };

  /** Once a second. */
  readonly tick = (): void => {
    const after = this.#options.lockAfter();
    if (after === null || this.#options.inCall()) {
      this.begin();
      return;
    }
    if (this.#over()) {
      void this.#lock();
      return;
    }
    const left = Math.ceil((this.#last + after * 1000 - this.#options.now()) / 1000);
    if (left <= Math.min(ASKED_FOR_SECONDS, after / 2)) this.set({ kind: "asking", seconds: left });
    else if (this.get().kind !== "active") this.set({ kind: "active" });
  };

  #over(): boolean {
    const after = this.#options.lockAfter();
    return after !== null && !this.#options.inCall() && this.#options.now() - this.#last >= after * 1000;
  }

  async #lock(): Promise<void> {
    if (this.#locking) return;
    this.#locking = true;
    try {
      await this.#options.lock();
    } finally {
      this.#locking = false;
    }
  }
}
