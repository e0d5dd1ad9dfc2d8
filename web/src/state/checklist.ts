/** The checklist of a campaign's client: how each item stands; ticked, waived, or taken back. */

import type { ApiClient } from "../api/client";
import type { ChecklistItem } from "../api/types";
import { Action, Query } from "./query";

interface Loaded {
  readonly client: string;
  readonly items: readonly ChecklistItem[];
}

export class ChecklistModel {
  readonly list: Query<Loaded>;
  readonly acting = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient, campaign: string) {
    this.#client = client;
    this.list = new Query<Loaded>(() => client.get("/campaigns/{campaign}/checklist", { path: { campaign } }));
  }

  /** It was so on this day, on this person's word. */
  readonly tick = (item: ChecklistItem["item"], on: string, name: string): Promise<boolean> =>
    this.#change(async (path) => {
      await this.#client.put("/clients/{client}/checklist", { path, body: { item, on, name: name.trim() } });
    });

  readonly waive = (item: ChecklistItem["item"], reason: string): Promise<boolean> =>
    this.#change(async (path) => {
      await this.#client.put("/clients/{client}/checklist-waiver", { path, body: { item, reason: reason.trim() } });
    });

  readonly takeBack = (item: ChecklistItem["item"]): Promise<boolean> =>
    this.#change(async (path) => {
      await this.#client.post("/clients/{client}/checklist-back", { path, body: { item } });
    });

  async #change(work: (path: { readonly client: string }) => Promise<void>): Promise<boolean> {
    const { data } = this.list.get();
    if (data === null) return false;
    const done = await this.acting.run(() => work({ client: data.client }));
    if (done) await this.list.reload();
    return done;
  }
}

export function openItems(items: readonly ChecklistItem[]): readonly ChecklistItem[] {
  return items.filter(({ state }) => state === "open");
}
