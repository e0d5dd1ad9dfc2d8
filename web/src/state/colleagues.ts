/** A call to a colleague, out of a conversation. What becomes of it, only the live feed tells: see `agent.colleague_call`. */

import type { ApiClient } from "../api/client";
import type { Agent, Colleague } from "../api/types";
import { Action, Query } from "./query";
import { Store } from "./store";

type Step = "accept" | "refuse" | "end";

export class ColleaguesModel {
  /** Whether the list of colleagues is open. */
  readonly open = new Store(false);
  readonly list: Query<readonly Colleague[]>;
  readonly acting = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.list = new Query<readonly Colleague[]>(async () => (await client.get("/agents/me/colleagues")).items);
  }

  readonly toggle = (): void => {
    this.acting.clear();
    const next = !this.open.get();
    this.open.set(next);
    if (next) void this.list.reload();
  };

  readonly call = async (colleague: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/agents/me/colleague-call", { body: { colleague } });
      this.open.set(false);
    });

  readonly step = async (step: Step): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.put("/agents/me/colleague-call", { body: { step } });
    });
}

/** True while it rings or they speak: over, it only says how it ended. */
export function speaks(call: Agent["colleague_call"]): boolean {
  return call !== null && call.state !== "over";
}

/** Out of a conversation, with a phone that is there. */
export function mayCall({ state, phone, colleague_call: call }: Agent): boolean {
  return (state === "available" || state === "paused" || state === "wrap_up") && phone === "ready" && !speaks(call);
}
