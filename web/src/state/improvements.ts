/** Proposals to improve the work: made by anybody, taken through plan, do, check and act by supervisors. */

import { type ApiClient, newKey } from "../api/client";
import type { Improvement, ImprovementStepBody, User } from "../api/types";
import { Action, Query } from "./query";
import { Store } from "./store";

export class ImprovementsModel {
  readonly open = new Store(true);
  readonly list: Query<readonly Improvement[]>;
  readonly users: Query<readonly User[]>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  #key = newKey();

  constructor(client: ApiClient) {
    this.#client = client;
    this.list = new Query<readonly Improvement[]>(async () => (await client.get("/improvements", { query: { open: this.open.get() } })).items);
    this.users = new Query<readonly User[]>(async () => (await client.get("/users", { query: { limit: 200 } })).items.filter(({ role, disabled }) => !disabled && role !== "client" && role !== "monitor"));
  }

  readonly show = (open: boolean): void => {
    this.open.set(open);
    void this.list.reload();
  };

  readonly propose = async (text: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/improvements", { body: { text: text.trim() }, idempotencyKey: this.#key });
      this.#key = newKey();
      await this.list.reload();
    });

  readonly move = async (one: Improvement, body: ImprovementStepBody): Promise<boolean> => {
    const done = await this.acting.run(async () => {
      await this.#client.post("/improvements/{improvement}/step", { path: { improvement: one.id }, body, ifMatch: one.version });
    });
    await this.list.reload();
    return done;
  };
}
