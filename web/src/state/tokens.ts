/** Keys of other systems. A secret is kept until it has been seen, and nowhere else. */

import type { ApiClient } from "../api/client";
import type { Client, Token } from "../api/types";
import { type Purpose, PURPOSES } from "../domain/tokens";
import { Action, Query } from "./query";
import { Store } from "./store";

export class TokensModel {
  readonly list: Query<readonly Token[]>;
  readonly clients: Query<readonly Client[]>;
  readonly acting = new Action();
  readonly secret = new Store<string | null>(null);
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.list = new Query<readonly Token[]>(async () => (await client.get("/tokens")).items);
    this.clients = new Query<readonly Client[]>(async () => (await client.get("/clients")).items);
  }

  readonly load = async (): Promise<void> => {
    await Promise.all([this.list.reload(), this.clients.reload()]);
  };

  /** `client` counts for purposes of a client only. */
  readonly make = async (name: string, purpose: Purpose, client: string, days: number): Promise<boolean> =>
    this.acting.run(async () => {
      const { role, scopes } = PURPOSES[purpose];
      const body = { name: name.trim(), role, client: role === "client" ? client : null, scopes: [...scopes], days };
      const made = await this.#client.post("/tokens", { body });
      this.secret.set(made.secret);
      await this.list.reload();
    });

  /** A new one that may do the same; the old one ends after the overlap. */
  readonly renew = async (token: string, overlapHours: number, days: number): Promise<boolean> =>
    this.acting.run(async () => {
      const made = await this.#client.post("/tokens/{token}/renew", { path: { token }, body: { overlap_hours: overlapHours, days } });
      this.secret.set(made.secret);
      await this.list.reload();
    });

  readonly seen = (): void => this.secret.set(null);

  readonly revoke = async (token: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.delete("/tokens/{token}", { path: { token } });
      await this.list.reload();
    });
}
