/** Beside the live floor: names of campaigns, and a supervisor's hand on an agent's duty. */

import type { ApiClient } from "../api/client";
import { Action, Query } from "./query";

/** Campaign id -> name. */
export type NameBook = ReadonlyMap<string, string>;

export function names(client: ApiClient): Query<NameBook> {
  const book = new Query<NameBook>(async () => {
    const { items } = await client.get("/campaigns", { query: { limit: 200 } });
    return new Map(items.map((campaign) => [campaign.id, campaign.name]));
  });
  void book.reload();
  return book;
}

export interface DutyForce {
  readonly state: Action;
  readonly force: (user: string, duty: "pause" | "resume" | "off") => Promise<void>;
}

/** The live feed tells what came of it. */
export function forceDuty(client: ApiClient): DutyForce {
  const state = new Action();
  return {
    state,
    force: async (user, duty) => {
      await state.run(async () => {
        await client.put("/agents/{user}/duty", { path: { user }, body: { duty, ...(duty === "pause" ? { reason: "other" } : {}) } });
      });
    },
  };
}
