/** Signing in by way of the house's own identity provider, and being linked to a person there. */

import type { ApiClient } from "../api/client";
import { Action, Query } from "./query";

/** Leaves the panel; comes back by a full load. */
type Leave = (url: string) => void;

export class SignOnModel {
  /** The provider's name; null where there is none, or none is known yet. */
  readonly ways: Query<string | null>;
  readonly mine: Query<{ readonly name: string | null; readonly linked: boolean }>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #leave: Leave;

  constructor(client: ApiClient, leave: Leave) {
    this.#client = client;
    this.#leave = leave;
    this.ways = new Query<string | null>(async () => (await client.get("/session/ways")).sign_on);
    this.mine = new Query(() => client.get("/session/sign-on"));
  }

  readonly start = async (): Promise<boolean> =>
    this.acting.run(async () => {
      this.#leave((await this.#client.post("/session/sign-on")).url);
    });

  readonly link = async (password: string): Promise<boolean> =>
    this.acting.run(async () => {
      this.#leave((await this.#client.post("/session/sign-on/link", { body: { password } })).url);
    });

  readonly unlink = async (): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.delete("/session/sign-on");
      await this.mine.reload();
    });
}

/** What the service says in the address after the way to the provider and back, taken out of it; null: nothing. */
export function takeSignOnAnswer(place: Pick<Location, "search" | "pathname">, history: Pick<History, "replaceState">): string | null {
  const answer = new URLSearchParams(place.search).get("sign-on");
  if (answer !== null) history.replaceState(null, "", place.pathname); // said once, not after each reload
  return answer;
}
