/** The emergency stop: who set it, and the hand that sets and lifts it. */

import type { ApiClient } from "../api/client";
import type { EmergencyStop } from "../api/types";
import { Action, Query } from "./query";

export class EmergencyModel {
  readonly stop: Query<EmergencyStop["stop"]>;
  readonly hand = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.stop = new Query(async () => (await client.get("/emergency-stop")).stop);
  }

  /** True when it is done; the live feed tells what came of it. */
  async set(reason: string): Promise<boolean> {
    const body = reason.trim() === "" ? {} : { reason: reason.trim() };
    return this.hand.run(async () => {
      await this.#client.post("/emergency-stop", { body });
    });
  }

  async lift(): Promise<boolean> {
    return this.hand.run(async () => {
      await this.#client.delete("/emergency-stop");
    });
  }
}
