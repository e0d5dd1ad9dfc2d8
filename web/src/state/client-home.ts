/** The start page of the client's people: what waits, reach against promise, and the latest files both ways. */

import type { ApiClient } from "../api/client";
import type { ClientHome, Delivery, Export } from "../api/types";
import { Query } from "./query";

const LATEST = 5;

export class ClientHomeModel {
  readonly home: Query<ClientHome>;
  readonly deliveries: Query<readonly Delivery[]>;
  readonly exports: Query<readonly Export[]>;
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.home = new Query(() => client.get("/home"));
    this.deliveries = new Query<readonly Delivery[]>(async () => (await client.get("/deliveries", { query: { limit: LATEST } })).items);
    this.exports = new Query<readonly Export[]>(async () => (await client.get("/exports", { query: { limit: LATEST } })).items);
  }

  readonly reload = async (): Promise<void> => {
    await Promise.all([this.home.reload(), this.deliveries.reload(), this.exports.reload()]);
  };

  readonly results = (id: string, format: "csv" | "xlsx"): Promise<Blob> =>
    this.#client.download("/exports/{export}/file", { path: { export: id }, query: { format } });

  readonly refusals = (id: string): Promise<Blob> =>
    this.#client.download("/deliveries/{delivery}/refusals", { path: { delivery: id }, query: { format: "csv" } });
}
