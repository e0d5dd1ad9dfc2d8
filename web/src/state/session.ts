/** Who is signed in. The password is passed on and never kept. */

import type { ApiClient } from "../api/client";
import { asApiError } from "../api/errors";
import type { Permission, Session, User } from "../api/types";
import { Action } from "./query";
import { Store } from "./store";

export interface SignedIn {
  readonly user: User;
  readonly permissions: ReadonlySet<Permission>;
  /** Seconds without a hand on it, after which the screen locks; null: never. */
  readonly lockAfter: number | null;
}

export type SessionState =
  | { readonly kind: "unknown" } // not asked yet
  | { readonly kind: "unreachable" } // no answer: neither in nor out
  | { readonly kind: "signed_out"; readonly expired: boolean }
  | { readonly kind: "locked"; readonly user: User }
  | { readonly kind: "second_step"; readonly stage: "code" | "enrol"; readonly user: User } // the password was right
  | ({ readonly kind: "signed_in" } & SignedIn);

export class SessionModel extends Store<SessionState> {
  readonly signingIn = new Action();
  readonly changingPassword = new Action();
  readonly locking = new Action();
  readonly unlocking = new Action();
  readonly proving = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    super({ kind: "unknown" });
    this.#client = client;
    client.onSignedOut = this.lost;
    client.onHeldBack = () => void this.refresh();
  }

  /** Asks the service; an answer that does not come leaves a signed-in user where he is. */
  readonly refresh = async (): Promise<void> => {
    try {
      this.take(await this.#client.get("/session"));
    } catch (error) {
      const failed = asApiError(error);
      if (failed.status === 401) this.lost();
      else if (this.get().kind !== "signed_in") this.set({ kind: "unreachable" });
    }
  };

  readonly signIn = async (login: string, password: string): Promise<boolean> =>
    this.signingIn.run(async () => {
      this.take(await this.#client.post("/session", { body: { login: login.trim().toLowerCase(), password } }));
      this.proving.clear();
    });

  /** The second step: a code of the app, or a recovery code. */
  readonly prove = async (code: string): Promise<boolean> =>
    this.proving.run(async () => {
      this.take(await this.#client.post("/session/code", { body: { code } }));
    });

  /** My own; sessions elsewhere end. */
  readonly changePassword = async (current: string, next: string): Promise<boolean> =>
    this.changingPassword.run(async () => {
      await this.#client.put("/session/password", { body: { current, new: next } });
    });

  /** Nobody is at the screen; who may get a call pauses first. */
  readonly lock = async (): Promise<boolean> =>
    this.locking.run(async () => {
      try {
        await this.#client.put("/session/lock");
      } catch (error) {
        if (asApiError(error).status !== 0) throw error; // out of reach: this screen at least shows nothing more
      }
      this.#locked();
    });

  readonly unlock = async (password: string): Promise<boolean> =>
    this.unlocking.run(async () => {
      this.take(await this.#client.put("/session/unlock", { body: { password } }));
    });

  /** The live feed was ended by the service: signed out or locked, here or in another tab. */
  readonly ended = async (): Promise<void> => {
    if (this.get().kind !== "signed_in") return;
    await this.refresh();
    if (this.get().kind === "signed_in") this.lost(); // no answer: what is on the screen is nobody's any more
  };

  readonly signOut = async (): Promise<void> => {
    try {
      await this.#client.delete("/session");
    } catch (error) {
      if (asApiError(error).status !== 401) throw error;
    }
    this.#out(false);
  };

  /** The service says that the session is over. */
  readonly lost = (): void => this.#out(["signed_in", "locked", "second_step"].includes(this.get().kind));

  #out(expired: boolean): void {
    this.#client.csrf = null;
    if (this.get().kind !== "signed_out") this.set({ kind: "signed_out", expired });
  }

  /** What the service says of this session. */
  readonly take = (session: Session): void => {
    if (session.user === null) throw new Error("a session of a person has a user");
    this.#client.csrf = session.csrf_token;
    if (session.locked) this.set({ kind: "locked", user: session.user });
    else if (session.stage !== "open") this.set({ kind: "second_step", stage: session.stage, user: session.user });
    else this.set({ kind: "signed_in", user: session.user, permissions: new Set(session.permissions), lockAfter: session.lock_after_seconds });
  };

  #locked(): void {
    const now = this.get();
    if (now.kind === "signed_in") this.set({ kind: "locked", user: now.user });
  }
}
