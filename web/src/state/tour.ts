/** The first-day tour: where it stands, and that the service remembers it. */

import type { ApiClient } from "../api/client";
import type { MyPractice } from "../api/types";
import { move } from "../domain/tour";
import { Action, type Query } from "./query";
import { Store } from "./store";

export class TourModel {
  /** The stop on the screen; null: it is not open. */
  readonly place = new Store<number | null>(null);
  readonly keeping = new Action();
  readonly #client: ApiClient;
  readonly #mine: Query<MyPractice>;

  constructor(client: ApiClient, mine: Query<MyPractice>) {
    this.#client = client;
    this.#mine = mine;
  }

  readonly open = (): void => this.place.set(0);

  /** Past the last stop it is over, and seen. */
  readonly go = (way: 1 | -1): void => {
    const place = this.place.get();
    if (place === null) return;
    const next = move(place, way);
    if (next === null) void this.close();
    else this.place.set(next);
  };

  /** Seen or skipped: it is not offered again. When that cannot be kept, it is offered another day. */
  readonly close = async (): Promise<void> => {
    this.place.set(null);
    const mine = this.#mine.get().data;
    if (mine === null || mine.tour_seen) return;
    this.#mine.put({ ...mine, tour_seen: true });
    await this.keeping.run(async () => {
      await this.#client.put("/agents/me/tour");
    });
  };
}
