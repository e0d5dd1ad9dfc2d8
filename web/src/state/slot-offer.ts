/** Times that the client offers for an appointment: the next few, the one that this call keeps, and what was taken meanwhile. */

import type { ApiClient } from "../api/client";
import type { Slot } from "../api/types";
import { Action, Query } from "./query";
import { SLOT_TAKEN, type WrapUp } from "./wrap-up";

/** One key each. */
export const SLOT_KEYS = ["a", "b", "c", "d", "e", "f"] as const;

export interface Offer {
  /** Whether the client offers times at all: else a date and a time are typed. */
  readonly offers: boolean;
  readonly items: readonly Slot[];
  /** How a confirmation can go to the resident. */
  readonly confirmBy: readonly ("email" | "sms")[];
  /** Whether there are earlier ones. */
  readonly later: boolean;
}

export class SlotOffer {
  readonly list: Query<Offer>;
  readonly holding = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly attempt: string };
  readonly #wrapUp: WrapUp;
  #after: string | null = null;

  constructor(client: ApiClient, attempt: string, wrapUp: WrapUp) {
    const path = { attempt };
    this.#client = client;
    this.#path = path;
    this.#wrapUp = wrapUp;
    this.list = new Query<Offer>(async () => {
      const after = this.#after;
      const { offers, items, confirm_by: confirmBy } = await client.get("/attempts/{attempt}/slots", after === null ? { path } : { path, query: { after } });
      return { offers, confirmBy, items: items.slice(0, SLOT_KEYS.length), later: after !== null };
    });
  }

  /** Keeps a time for this call; it is booked with the outcome. */
  readonly choose = async (slot: string): Promise<void> => {
    const done = await this.holding.run(async () => {
      await this.#client.put("/attempts/{attempt}/slot", { path: this.#path, body: { slot } });
      this.#wrapUp.edit({ slot });
    });
    if (!done && this.holding.get().error?.code === SLOT_TAKEN) await this.lost();
  };

  /** Somebody else has the time that was chosen: the next ones. */
  readonly lost = async (): Promise<void> => {
    if (this.#wrapUp.get().form.slot !== "" && this.#wrapUp.get().filing !== "refused") this.#wrapUp.edit({ slot: "" });
    await this.list.reload();
  };

  readonly later = async (): Promise<void> => {
    const last = this.list.get().data?.items.at(-1);
    if (last === undefined) return;
    this.#after = last.starts_at;
    await this.list.reload();
  };

  readonly first = async (): Promise<void> => {
    this.#after = null;
    await this.list.reload();
  };
}
