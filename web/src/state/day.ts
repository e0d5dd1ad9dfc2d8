/** A supervisor's day, asked for anew each minute while it is looked at. */

import type { ApiClient } from "../api/client";
import type { DayBook } from "../api/types";
import { Query } from "./query";

const EVERY_SECONDS = 60;

export interface DayView {
  readonly day: DayBook;
  /** User -> name. */
  readonly names: ReadonlyMap<string, string>;
}

export class DayModel {
  readonly view: Query<DayView>;

  constructor(client: ApiClient) {
    this.view = new Query<DayView>(async () => {
      const [day, { items }] = await Promise.all([client.get("/day"), client.get("/users", { query: { role: "agent", limit: 200 } })]);
      return { day, names: new Map(items.map((user) => [user.id, user.display_name])) };
    });
  }

  /** Returns how to stop. */
  readonly start = (): (() => void) => {
    void this.view.reload();
    const timer = setInterval(() => void this.view.reload(), EVERY_SECONDS * 1000);
    return () => clearInterval(timer);
  };
}
