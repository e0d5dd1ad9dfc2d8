/** A draft campaign on its way to its first call: how far it is, kept by the service alone; throwing it away. */

import type { ApiClient } from "../api/client";
import type { Campaign } from "../api/types";
import type { Known } from "../domain/wizard";
import { Action, Query } from "./query";

export interface Draft extends Known {
  readonly campaign: Campaign;
}

export class WizardModel {
  readonly draft: Query<Draft>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly campaign: string };

  constructor(client: ApiClient, id: string) {
    const path = { campaign: id };
    this.#client = client;
    this.#path = path;
    this.draft = new Query<Draft>(async () => {
      const [campaign, checklist, deliveries, proofs, preflight] = await Promise.all([
        client.get("/campaigns/{campaign}", { path }),
        client.get("/campaigns/{campaign}/checklist", { path }),
        client.get("/deliveries", { query: { campaign: id } }),
        client.get("/campaigns/{campaign}/proof-calls", { path }),
        client.get("/campaigns/{campaign}/preflight", { path }),
      ]);
      return { campaign, items: checklist.items, deliveries: deliveries.items, proofs: proofs.items, preflight };
    });
  }

  readonly start = (): Promise<boolean> =>
    this.acting.run(async () => {
      const campaign = await this.#client.put("/campaigns/{campaign}/state", { path: this.#path, body: { state: "running" } });
      const { data } = this.draft.get();
      if (data !== null) this.draft.put({ ...data, campaign });
    });

  readonly discard = (): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.delete("/campaigns/{campaign}", { path: this.#path });
    });
}
