/** How somebody gets in, as an administrator sees it, and what each role is asked for. */

import type { ApiClient } from "../api/client";
import type { Role, SignInRule, UserAccess } from "../api/types";
import { Action, Query } from "./query";

export type ResetReason = "lost" | "replaced" | "suspicion";
export const RESET_REASONS: readonly ResetReason[] = ["lost", "replaced", "suspicion"];

export class UserAccessModel {
  readonly access: Query<UserAccess>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #user: string;

  constructor(client: ApiClient, user: string) {
    this.#client = client;
    this.#user = user;
    this.access = new Query<UserAccess>(() => client.get("/users/{user}/access", { path: { user } }));
  }

  /** Its owner is signed out everywhere, and sets up another. */
  readonly reset = async (reason: ResetReason): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/users/{user}/second-factor/reset", { path: { user: this.#user }, body: { reason } });
    });

  /** Linked to nobody at the identity provider any more. */
  readonly unlink = async (): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.delete("/users/{user}/sign-on", { path: { user: this.#user } });
      await this.access.reload();
    });
}

export class SignInRulesModel {
  readonly rules: Query<readonly SignInRule[]>;
  readonly acting = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.rules = new Query<readonly SignInRule[]>(async () => (await client.get("/sign-in-rules")).items);
  }

  readonly require = async (role: Role, required: boolean): Promise<boolean> =>
    this.acting.run(async () => {
      const body = { role, second_factor: required ? "required" : "optional" } as const;
      this.rules.put((await this.#client.put("/sign-in-rules", { body })).items);
    });
}
