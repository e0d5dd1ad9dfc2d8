/** Lines on which other teams' queues hand us calls: a list that supervisors keep. */

import type { ApiClient } from "../api/client";
import type { OverflowLine } from "../api/types";
import type { Stretch } from "../domain/hours";
import { Action, Query } from "./query";

export interface LineWish {
  readonly campaign: string;
  readonly number: string;
  readonly team: string;
  readonly opening: string;
  readonly back_number: string;
  /** Monday to Sunday. */
  readonly hours: readonly (readonly Stretch[])[];
  readonly after_own: boolean;
  readonly most_waiting: number;
  /** Seconds. */
  readonly most_seconds: number;
}

interface Known {
  readonly lines: readonly OverflowLine[];
  readonly campaigns: readonly { readonly id: string; readonly name: string }[];
}

export class OverflowLinesModel {
  readonly list: Query<Known>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #of: string;

  constructor(client: ApiClient, of: string) {
    this.#client = client;
    this.#of = of;
    this.list = new Query<Known>(async () => {
      const [lines, campaigns] = await Promise.all([
        client.get("/clients/{client}/overflow-lines", { path: { client: of } }),
        client.get("/campaigns", { query: { limit: 100 } }),
      ]);
      return { lines: lines.items, campaigns: campaigns.items.filter(({ client: whose }) => whose === of).map(({ id, name }) => ({ id, name })) };
    });
  }

  readonly add = async (wish: LineWish): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/clients/{client}/overflow-lines", { path: { client: this.#of }, body: { ...sent(wish), number: wish.number.trim() } });
      await this.list.reload();
    });

  /** All but the number, which stays. */
  readonly change = async (line: OverflowLine, wish: LineWish): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.patch("/overflow-lines/{overflow_line}", { path: { overflow_line: line.id }, ifMatch: line.version, body: sent(wish) });
      await this.list.reload();
    });

  /** On or off: a line that is off is answered by nobody, its calls go back. */
  readonly use = async (line: OverflowLine, active: boolean): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.patch("/overflow-lines/{overflow_line}", { path: { overflow_line: line.id }, ifMatch: line.version, body: { active } });
      await this.list.reload();
    });
}

function sent(wish: LineWish) {
  return {
    campaign: wish.campaign,
    team: wish.team.trim(),
    opening: wish.opening.trim(),
    back_number: wish.back_number.trim(),
    hours: wish.hours.map((day) => day.map((stretch) => [...stretch])),
    after_own: wish.after_own,
    most_waiting: wish.most_waiting,
    most_seconds: wish.most_seconds,
  };
}
