/** Beside the live floor: names of campaigns, and a supervisor's hand on an agent. */

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

/** A supervisor's hand on an agent. True when it is done; the live feed tells what came of it. */
export interface AgentHand {
  readonly state: Action;
  readonly force: (user: string, duty: "pause" | "resume" | "off", reason?: string) => Promise<boolean>;
  readonly send: (user: string, text: string) => Promise<boolean>;
}

export function agentHand(client: ApiClient): AgentHand {
  const state = new Action();
  return {
    state,
    force: async (user, duty, reason) =>
      state.run(async () => {
        await client.put("/agents/{user}/duty", { path: { user }, body: { duty, ...(reason === undefined ? {} : { reason }) } });
      }),
    send: async (user, text) =>
      state.run(async () => {
        await client.post("/agents/{user}/message", { path: { user }, body: { text } });
      }),
  };
}
