/** The secret address under which my own calendar fetches my roster. It is kept until it has been seen, and nowhere else. */

import type { ApiClient } from "../api/client";
import { Action, Query } from "./query";
import { Store } from "./store";

export class RosterFeedModel {
  /** When the address that works now was made; null: there is none. */
  readonly made: Query<{ readonly made_at: string | null }>;
  readonly acting = new Action();
  readonly address = new Store<string | null>(null);
  readonly #client: ApiClient;
  readonly #origin: string;

  constructor(client: ApiClient, origin: string) {
    this.#client = client;
    this.#origin = origin;
    this.made = new Query(() => client.get("/agents/me/roster/feed"));
  }

  /** A new address; the one before is dead. */
  readonly make = async (): Promise<boolean> =>
    this.acting.run(async () => {
      const { path } = await this.#client.post("/agents/me/roster/feed");
      this.address.set(this.#origin + path);
      await this.made.reload();
    });

  readonly end = async (): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.delete("/agents/me/roster/feed");
      this.address.set(null);
      await this.made.reload();
    });

  readonly seen = (): void => this.address.set(null);
}
