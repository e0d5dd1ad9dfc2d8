/**
 * A supervisor's ear on one call: his phone in the page is turned on for it, and off again afterwards. What happens to the
 * call and to who hears it, only the live feed tells.
 */

import type { ApiClient } from "../api/client";
import type { Floor, Listener, ListenMode, ListenPurpose } from "../api/types";
import { Action } from "./query";
import { type Readable, Store } from "./store";

/** What this needs of the phone in the page. */
interface Ear extends Readable<{ readonly status: string }> {
  readonly start: (choose: boolean) => Promise<void>;
  readonly stop: () => void;
}

interface Wish {
  readonly attempt: string;
  readonly purpose: ListenPurpose;
  /** The service was asked: once. */
  readonly asked: boolean;
  /** The feed has shown it. */
  readonly seen: boolean;
}

interface ListeningState {
  readonly wish: Wish | null;
  /** It has ended by itself: with the call, or with the phone. */
  readonly ended: boolean;
}

export interface ListeningParts {
  readonly client: ApiClient;
  readonly ear: Ear;
  readonly hub: Readable<{ readonly floor: Floor | null }>;
  readonly me: () => string | null;
}

export class ListeningModel extends Store<ListeningState> {
  readonly acting = new Action();
  readonly #parts: ListeningParts;

  constructor(parts: ListeningParts) {
    super({ wish: null, ended: false });
    this.#parts = parts;
    parts.ear.subscribe(() => void this.#ask());
    parts.hub.subscribe(() => this.#follow());
  }

  /** Me at the call that I listen to, as the feed shows it. */
  listener(floor: Floor | null): Listener | null {
    const { wish } = this.get();
    const found = floor?.calls.find((call) => call.attempt === wish?.attempt)?.listener ?? null;
    return found?.user === this.#parts.me() ? found : null;
  }

  /** Turns the phone on; as soon as it is there, the service is asked. */
  readonly begin = (attempt: string, purpose: ListenPurpose): void => {
    this.acting.clear();
    this.set({ wish: { attempt, purpose, asked: false, seen: false }, ended: false });
    if (this.#parts.ear.get().status === "ready") void this.#ask();
    else void this.#parts.ear.start(true);
  };

  readonly turn = async (mode: ListenMode): Promise<void> => {
    const { wish } = this.get();
    if (wish === null) return;
    await this.acting.run(async () => {
      await this.#parts.client.put("/attempts/{attempt}/listening", { path: { attempt: wish.attempt }, body: { mode } });
    });
  };

  /** Whatever the service says, this phone is off. */
  readonly stop = async (): Promise<void> => {
    const { wish } = this.get();
    if (wish === null) return;
    if (this.listener(this.#parts.hub.get().floor)?.mode === "take_over") {
      // The resident is mine: it is hung up by the service, and not by a phone that goes away, for then an agent takes over.
      const done = await this.acting.run(async () => {
        await this.#parts.client.delete("/attempts/{attempt}/listening", { path: { attempt: wish.attempt } });
      });
      if (done) this.#off(false);
      return;
    }
    this.#off(false);
    if (wish.asked)
      await this.acting.run(async () => {
        await this.#parts.client.delete("/attempts/{attempt}/listening", { path: { attempt: wish.attempt } });
      });
  };

  readonly read = (): void => this.patch({ ended: false });

  async #ask(): Promise<void> {
    const { wish } = this.get();
    if (wish === null || wish.asked || this.#parts.ear.get().status !== "ready") return;
    this.patch({ wish: { ...wish, asked: true } });
    const { attempt, purpose } = wish;
    const done = await this.acting.run(async () => {
      await this.#parts.client.post("/attempts/{attempt}/listening", { path: { attempt }, body: { purpose } });
    });
    if (!done && this.get().wish?.attempt === attempt) this.#off(false);
  }

  #follow(): void {
    const { wish } = this.get();
    const { floor } = this.#parts.hub.get();
    if (wish === null || floor === null) return;
    const here = this.listener(floor) !== null;
    if (here && !wish.seen) this.patch({ wish: { ...wish, seen: true } });
    else if (!here && (wish.seen || floor.calls.every((call) => call.attempt !== wish.attempt))) this.#off(true);
  }

  #off(ended: boolean): void {
    this.set({ wish: null, ended });
    this.#parts.ear.stop();
  }
}
