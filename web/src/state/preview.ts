/** The resident whom the agent sees before the call: kept for him while he looks, called at his word, or passed on. */

import type { ApiClient } from "../api/client";
import type { Preview, SkipReason } from "../api/types";
import { Action, Query } from "./query";

/** While somebody is shown the service must hear that he is still looked at: it lets him go after half a minute. */
const LOOK_MS = 5_000;
/** No campaign of this agent's shows anybody beforehand; that may change at any time. */
const OFF_MS = 60_000;

export class PreviewModel {
  readonly view: Query<Preview>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  constructor(client: ApiClient) {
    this.#client = client;
    this.view = new Query<Preview>(async () => client.post("/agents/me/preview", { body: { next: false } }));
  }

  /** The agent is free and has his desk before him. Returns how to stop. */
  readonly start = (): (() => void) => {
    this.#running = true;
    void this.#look();
    return () => {
      this.#running = false;
      clearTimeout(this.#timer);
      this.view.clear(); // nobody's name stays in memory
    };
  };

  /** After the time was over: the next one, please. */
  readonly next = async (): Promise<boolean> =>
    this.acting.run(async () => this.view.put(await this.#client.post("/agents/me/preview", { body: { next: true } })));

  /** The call comes by the feed, as every other. */
  readonly call = async (): Promise<boolean> => {
    const { case: shown } = this.view.get().data ?? { case: null };
    if (shown === null) return false;
    const called = await this.acting.run(async () => {
      await this.#client.post("/agents/me/preview/call", { body: { case: shown } });
    });
    if (!called) await this.view.reload(); // what stood in the way may have taken him from the screen
    return called;
  };

  readonly skip = async (reason: SkipReason): Promise<boolean> => {
    const { case: shown } = this.view.get().data ?? { case: null };
    if (shown === null) return false;
    return this.acting.run(async () => this.view.put(await this.#client.post("/agents/me/preview/skip", { body: { case: shown, reason } })));
  };

  async #look(): Promise<void> {
    if (!this.acting.get().busy) await this.view.reload();
    if (!this.#running) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), this.view.get().data?.showing === "off" ? OFF_MS : LOOK_MS);
  }
}
