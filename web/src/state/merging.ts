/** Putting two cases of one person together by hand, and taking them apart again. */

import type { ApiClient } from "../api/client";
import { newKey } from "../api/client";
import type { Case } from "../api/types";
import { Action } from "./query";
import { Store } from "./store";

/** What was looked for, and what there is; null: nothing was looked for yet. */
interface Search {
  readonly reference: string;
  readonly found: readonly Case[] | null;
}

export class MergeModel {
  readonly search = new Store<Search>({ reference: "", found: null });
  readonly searching = new Action();
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #of: Pick<Case, "id" | "campaign">;
  readonly #after: () => Promise<void>;

  /** `after`: what is shown of the case is asked for anew. */
  constructor(client: ApiClient, of: Pick<Case, "id" | "campaign">, after: () => Promise<void>) {
    this.#client = client;
    this.#of = of;
    this.#after = after;
  }

  /** Other cases of the same campaign with this reference of the client or of a signal. */
  readonly find = async (reference: string): Promise<void> => {
    const wanted = reference.trim();
    if (wanted === "") return;
    await this.searching.run(async () => {
      const { items } = await this.#client.get("/cases", { query: { campaign: this.#of.campaign, reference: wanted } });
      this.search.set({ reference: wanted, found: items.filter(({ id }) => id !== this.#of.id) });
    });
  };

  /** `other` joins this case. */
  readonly merge = (other: string, reason: string): Promise<boolean> =>
    this.#change(() => this.#client.post("/cases/{case}/merge", { path: { case: this.#of.id }, body: { other, reason: reason.trim() }, idempotencyKey: newKey() }));

  /** `other`, which was merged, stands alone again. */
  readonly undo = (other: string, reason: string): Promise<boolean> =>
    this.#change(() => this.#client.post("/cases/{case}/unmerge", { path: { case: other }, body: { reason: reason.trim() }, idempotencyKey: newKey() }));

  async #change(work: () => Promise<unknown>): Promise<boolean> {
    const done = await this.acting.run(async () => {
      await work();
    });
    if (done) {
      this.search.set({ reference: "", found: null });
      await this.#after();
    }
    return done;
  }
}
