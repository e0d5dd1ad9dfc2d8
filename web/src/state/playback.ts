/** One recording in this page: fetched for a purpose, forgotten when the page goes, deleted for a reason. */

import type { ApiClient } from "../api/client";
import type { DeleteReason, PlayPurpose } from "../api/types";
import { Action } from "./query";
import { Store } from "./store";

export const PURPOSES: readonly PlayPurpose[] = ["quality", "coaching", "complaint", "resident"];

export const REASONS: readonly DeleteReason[] = ["resident", "never", "secret", "done"];

export class Playback {
  readonly fetching = new Action();
  readonly deleting = new Action();
  readonly deleted = new Store(false);
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

  /** For everybody, and what is heard in this page ends. */
  readonly remove = async (reason: DeleteReason): Promise<boolean> =>
    this.deleting.run(async () => {
      await this.#client.delete("/attempts/{attempt}/recording", { path: { attempt: this.#attempt }, query: { reason } });
      this.#forget();
      this.deleted.set(true);
    });

  readonly close = (): void => {
    this.#closed = true;
    this.#forget();
  };

  readonly #forget = (): void => {
    const sound = this.sound.get();
    if (sound !== "") URL.revokeObjectURL(sound);
    this.sound.set("");
  };
}
