/** Places where clients' files come, and the receipts of what came. */

import type { ApiClient } from "../api/client";
import type { Arrival, Source } from "../api/types";
import { Action, Query } from "./query";

export interface NewSource {
  readonly campaign: string;
  readonly kind: Source["kind"];
  readonly name: string;
  readonly path: string;
  readonly host: string;
  readonly user: string;
  readonly hostKey: string;
  readonly weekdays: readonly number[];
  readonly by: string;
}

export class SourcesModel {
  readonly list: Query<readonly Source[]>;
  readonly acting = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.list = new Query<readonly Source[]>(async () => (await client.get("/sources")).items);
  }

  readonly make = async (wish: NewSource): Promise<boolean> =>
    this.acting.run(async () => {
      const { campaign, kind, weekdays, by } = wish;
      const server = kind === "folder" ? {} : { host: wish.host.trim(), user: wish.user.trim(), host_key: wish.hostKey.trim() };
      const body = { kind, name: wish.name.trim(), path: wish.path.trim(), weekdays: [...weekdays], ...(by === "" ? {} : { by }), ...server };
      await this.#client.post("/campaigns/{campaign}/sources", { path: { campaign }, body });
      await this.list.reload();
    });

  readonly look = async (source: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/sources/{source}/look", { path: { source } });
      await this.list.reload();
    });

  readonly watch = async (source: Source, on: boolean): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.patch("/sources/{source}", { path: { source: source.id }, ifMatch: source.version, body: { on } });
      await this.list.reload();
    });
}

export class ArrivalsModel {
  readonly list: Query<readonly Arrival[]>;

  constructor(client: ApiClient) {
    this.list = new Query<readonly Arrival[]>(async () => (await client.get("/arrivals", { query: { limit: 20 } })).items);
  }
}
