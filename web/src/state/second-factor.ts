/** Setting up an authenticator app: prove who you are, scan, type a code, keep the recovery codes. */

import type { ApiClient } from "../api/client";
import type { SecondFactor, Session } from "../api/types";
import { Action, Query } from "./query";
import { Store } from "./store";

type SetUpState =
  | { readonly step: "begin" }
  | { readonly step: "scan"; readonly secret: string; readonly address: string }
  | { readonly step: "keep"; readonly codes: readonly string[] };

export class SecondFactorModel extends Store<SetUpState> {
  readonly mine: Query<SecondFactor>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #whole: (session: Session) => void;
  #session: Session | null = null;

  /** `whole`: what to do with the session once the codes are kept. */
  constructor(client: ApiClient, whole: (session: Session) => void) {
    super({ step: "begin" });
    this.#client = client;
    this.#whole = whole;
    this.mine = new Query<SecondFactor>(() => client.get("/session/second-factor"));
  }

  /** A secret to scan. What is left empty is not asked for. */
  readonly start = async (password: string, code: string): Promise<boolean> =>
    this.acting.run(async () => {
      const body = { ...(password === "" ? {} : { password }), ...(code === "" ? {} : { code }) };
      const { secret, address } = await this.#client.post("/session/second-factor", { body });
      this.set({ step: "scan", secret, address });
    });

  readonly confirm = async (code: string): Promise<boolean> =>
    this.acting.run(async () => {
      const { recovery_codes, session } = await this.#client.put("/session/second-factor", { body: { code } });
      this.#session = session;
      this.set({ step: "keep", codes: recovery_codes });
    });

  /** The codes are kept: they leave the page, and the session is whole. */
  readonly done = (): void => {
    this.set({ step: "begin" });
    if (this.#session !== null) this.#whole(this.#session);
    this.#session = null;
    void this.mine.reload();
  };

  /** Leave it as it was. */
  readonly stop = (): void => {
    this.acting.clear();
    this.set({ step: "begin" });
  };
}
