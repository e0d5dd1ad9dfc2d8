/** Where I am signed in. */

import type { ApiClient } from "../api/client";
import type { OpenSession } from "../api/types";
import { Action, Query } from "./query";

interface Mine {
  readonly items: readonly OpenSession[];
  /** The one that asks. */
  readonly this: string;
}

export class SessionsModel {
  readonly list: Query<Mine>;
  readonly acting = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.list = new Query<Mine>(() => client.get("/sessions"));
  }

  /** One that has ended by itself meanwhile is gone too. */
  readonly end = async (session: string): Promise<boolean> =>
    this.#then(() => this.#client.delete("/sessions/{session}", { path: { session } }));

  readonly endOthers = async (): Promise<boolean> => this.#then(() => this.#client.delete("/sessions"));

  async #then(work: () => Promise<unknown>): Promise<boolean> {
    const done = await this.acting.run(async () => {
      await work();
    });
    await this.list.reload();
    return done;
  }
}
