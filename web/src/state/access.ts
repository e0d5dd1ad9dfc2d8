/** How somebody gets in, as an administrator sees it, and what each role is asked for. */

import type { ApiClient } from "../api/client";
import type { SignInRule, UserAccess } from "../api/types";
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
  /** The identity provider's name; null where there is none. */
  readonly house: Query<string | null>;
  readonly acting = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.rules = new Query<readonly SignInRule[]>(async () => (await client.get("/sign-in-rules")).items);
    this.house = new Query<string | null>(async () => (await client.get("/session/ways")).sign_on);
  }

  readonly require = async (rule: SignInRule, required: boolean): Promise<boolean> => this.#set({ ...rule, second_factor: required ? "required" : "optional" });

  /** Who is linked to the provider comes in by way of it alone. */
  readonly houseAlone = async (rule: SignInRule, alone: boolean): Promise<boolean> => this.#set({ ...rule, password: alone ? "until_linked" : "allowed" });

  async #set(body: SignInRule): Promise<boolean> {
    return this.acting.run(async () => {
      this.rules.put((await this.#client.put("/sign-in-rules", { body })).items);
    });
  }
}

/** For whom the rule may be: administrators' passwords are the way in when the provider is away. */
export const mayBeHouseAlone = (rule: SignInRule): boolean => rule.role !== "administrator";
