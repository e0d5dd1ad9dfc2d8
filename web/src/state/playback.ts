/** One recording in this page: fetched for a purpose, forgotten when the page goes. */

import type { ApiClient } from "../api/client";
import type { PlayPurpose } from "../api/types";
import { Action } from "./query";
import { Store } from "./store";

export const PURPOSES: readonly PlayPurpose[] = ["quality", "coaching", "complaint", "resident"];

export class Playback {
  readonly fetching = new Action();
  /** An address that plays in this page; empty: not fetched. */
  readonly sound = new Store("");
  readonly #client: ApiClient;
  readonly #attempt: string;
  #closed = false;

  constructor(client: ApiClient, attempt: string) {
    this.#client = client;
    this.#attempt = attempt;
  }

  readonly open = async (purpose: PlayPurpose): Promise<boolean> =>
    this.fetching.run(async () => {
      const sound = await this.#client.download("/attempts/{attempt}/recording", { path: { attempt: this.#attempt }, query: { purpose } });
      if (!this.#closed) this.sound.set(URL.createObjectURL(sound));
    });

  readonly close = (): void => {
    this.#closed = true;
    const sound = this.sound.get();
    if (sound !== "") URL.revokeObjectURL(sound);
    this.sound.set("");
  };
}
