/** Which agents work for a campaign: what is chosen on the screen, and what the service has. */

import type { ApiClient } from "../api/client";
import type { User } from "../api/types";
import { Action, Query } from "./query";
import { Store } from "./store";

export interface Chosen {
  readonly users: readonly string[];
  readonly changed: boolean;
  readonly saved: boolean;
}

export class CampaignAgents {
  readonly agents: Query<readonly User[]>;
  readonly chosen = new Store<Chosen>({ users: [], changed: false, saved: false });
  readonly saving = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly campaign: string };

  constructor(client: ApiClient, campaign: string) {
    this.#client = client;
    this.#path = { campaign };
    this.agents = new Query<readonly User[]>(async () => {
      const [{ items }, { users }] = await Promise.all([
        client.get("/users", { query: { role: "agent", limit: 200 } }),
        client.get("/campaigns/{campaign}/agents", { path: this.#path }),
      ]);
      if (!this.chosen.get().changed) this.chosen.set({ users, changed: false, saved: false });
      return items.filter((user) => !user.disabled || users.includes(user.id));
    });
  }

  readonly load = async (): Promise<void> => this.agents.reload();

  readonly choose = (users: readonly string[]): void => this.chosen.set({ users, changed: true, saved: false });

  readonly save = async (): Promise<boolean> =>
    this.saving.run(async () => {
      const body = { users: [...this.chosen.get().users] };
      const { users } = await this.#client.put("/campaigns/{campaign}/agents", { path: this.#path, body });
      this.chosen.set({ users, changed: false, saved: true });
    });
}
