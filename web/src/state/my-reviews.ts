/** An agent's own reviews, and the answer to a coaching item. */

import type { ApiClient } from "../api/client";
import type { OwnReview } from "../api/types";
import { Action, Query } from "./query";

export class MyReviewsModel {
  readonly list: Query<readonly OwnReview[]>;
  readonly acting = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.list = new Query<readonly OwnReview[]>(async () => (await client.get("/agents/me/reviews")).items);
  }

  readonly answer = async (coaching: string, text: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/coaching/{coaching}/answer", { path: { coaching }, body: { text: text.trim() } });
      await this.list.reload();
    });
}
