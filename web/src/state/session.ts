/** Who is signed in. The password is passed on and never kept. */

import type { ApiClient } from "../api/client";
import { asApiError } from "../api/errors";
import type { Permission, Session, User } from "../api/types";
import { Action } from "./query";
import { Store } from "./store";

export interface SignedIn {
  readonly user: User;
  readonly permissions: ReadonlySet<Permission>;
}

export type SessionState =
  | { readonly kind: "unknown" } // not asked yet
  | { readonly kind: "unreachable" } // no answer: neither in nor out
  | { readonly kind: "signed_out"; readonly expired: boolean }
  | ({ readonly kind: "signed_in" } & SignedIn);

export class SessionModel extends Store<SessionState> {
  readonly signingIn = new Action();
  readonly changingPassword = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    super({ kind: "unknown" });
    this.#client = client;
    client.onSignedOut = this.lost;
  }

  /** Asks the service; an answer that does not come leaves a signed-in user where he is. */
  readonly refresh = async (): Promise<void> => {
    try {
      this.#take(await this.#client.get("/session"));
    } catch (error) {
      const failed = asApiError(error);
      if (failed.status === 401) this.lost();
      else if (this.get().kind !== "signed_in") this.set({ kind: "unreachable" });
    }
  };

  readonly signIn = async (login: string, password: string): Promise<boolean> =>
    this.signingIn.run(async () => {
      this.#take(await this.#client.post("/session", { body: { login: login.trim().toLowerCase(), password } }));
    });

  /** My own; sessions elsewhere end. */
  readonly changePassword = async (current: string, next: string): Promise<boolean> =>
    this.changingPassword.run(async () => {
      await this.#client.put("/session/password", { body: { current, new: next } });
    });

  readonly signOut = async (): Promise<void> => {
    try {
      await this.#client.delete("/session");
    } catch (error) {
      if (asApiError(error).status !== 401) throw error;
    }
    this.#out(false);
  };

  /** The service says that the session is over. */
  readonly lost = (): void => this.#out(this.get().kind === "signed_in");

  #out(expired: boolean): void {
    this.#client.csrf = null;
    if (this.get().kind !== "signed_out") this.set({ kind: "signed_out", expired });
  }

  #take(session: Session): void {
    if (session.user === null) throw new Error("a session of a person has a user");
    this.#client.csrf = session.csrf_token;
    this.set({ kind: "signed_in", user: session.user, permissions: new Set(session.permissions) });
  }
}
