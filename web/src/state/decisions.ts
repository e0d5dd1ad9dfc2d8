/** Pacing's decisions in some minutes of a day: the last ones at first, then those that are asked for. */

import type { ApiClient } from "../api/client";
import type { PastDecisions } from "../api/types";
import { amsterdamToIso, isoToAmsterdam } from "../domain/dates";
import { Query } from "./query";
import { Store } from "./store";

export const SPANS = [1, 5, 15, 60] as const;

export interface DecisionsForm {
  /** 2026-11-24 and 14:32, Amsterdam; empty while not whole. */
  readonly date: string;
  readonly time: string;
  readonly minutes: number;
  /** Somebody asked for a moment that is none. */
  readonly wrong: boolean;
}

export class DecisionsModel {
  readonly form = new Store<DecisionsForm>({ date: "", time: "", minutes: 5, wrong: false });
  readonly past: Query<PastDecisions>;
  #since: string | null = null;

  constructor(client: ApiClient, campaign: string) {
    this.past = new Query(async () => {
      const query = { minutes: this.form.get().minutes, ...(this.#since === null ? {} : { since: this.#since }) };
      const found = await client.get("/campaigns/{campaign}/decisions", { path: { campaign }, query });
      if (this.#since === null) this.form.patch(isoToAmsterdam(found.since));
      return found;
    });
  }

  readonly edit = (change: Partial<DecisionsForm>): void => this.form.patch({ ...change, wrong: false });

  /** Looks at what the form says. */
  readonly show = async (): Promise<void> => {
    const { date, time } = this.form.get();
    const since = amsterdamToIso(date, time);
    this.form.patch({ wrong: since === null });
    if (since === null) return;
    this.#since = since;
    await this.past.reload();
  };
}
