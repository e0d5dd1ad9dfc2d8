/** Files of results that went or are to go: seen, sent now, sent again, had as the client gets them. */

import type { ApiClient } from "../api/client";
import type { Dispatch, Outlet } from "../api/types";
import { TRY_SECONDS } from "./outlets";
import { Action, Query } from "./query";
import { Store } from "./store";

/** What came of sending now. */
export interface Sent {
  readonly outlet: string;
  /** Files that were made or tried by it. */
  readonly files: number;
  /** Lines in them. */
  readonly lines: number;
  /** All of them were received. */
  readonly received: boolean;
  /** A file that was given up holds what is new: it goes first. */
  readonly held: boolean;
}

const SHOWN = 50;

export class DispatchesModel {
  readonly outlets: Query<readonly Outlet[]>;
  readonly list: Query<readonly Dispatch[]>;
  readonly acting = new Action();
  readonly sent = new Store<Sent | null>(null);
  /** Of one outlet only; empty: of all. */
  readonly outlet = new Store<string>("");
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.outlets = new Query<readonly Outlet[]>(async () => (await client.get("/outlets")).items);
    this.list = new Query<readonly Dispatch[]>(async () => {
      const outlet = this.outlet.get();
      return (await client.get("/dispatches", { query: { limit: SHOWN, ...(outlet === "" ? {} : { outlet }) } })).items;
    });
  }

  readonly load = async (): Promise<void> => {
    await Promise.all([this.outlets.reload(), this.list.reload()]);
  };

  readonly show = async (outlet: string): Promise<void> => {
    this.outlet.set(outlet);
    await this.list.reload();
  };

  readonly sendNow = async (outlet: string): Promise<boolean> =>
    this.acting.run(async () => {
      this.sent.set(null);
      const stood = new Map((await this.#of(outlet)).map((file) => [file.id, stand(file)]));
      await this.#client.post("/outlets/{outlet}/send", { path: { outlet }, timeoutSeconds: TRY_SECONDS });
      const files = await this.#of(outlet);
      const moved = files.filter((file) => stood.get(file.id) !== stand(file));
      this.sent.set({
        outlet,
        files: moved.length,
        lines: moved.reduce((sum, { lines }) => sum + lines, 0),
        received: moved.every(({ state }) => state === "confirmed"),
        held: files.some(({ state }) => state === "dead"),
      });
      await this.load();
    });

  readonly resend = async (dispatch: string): Promise<boolean> =>
    this.acting.run(async () => {
      this.sent.set(null);
      await this.#client.post("/dispatches/{dispatch}/resend", { path: { dispatch } });
      await this.load();
    });

  /** As the client gets it. */
  readonly file = async (dispatch: string): Promise<Blob> => this.#client.download("/dispatches/{dispatch}/file", { path: { dispatch } });

  async #of(outlet: string): Promise<readonly Dispatch[]> {
    return (await this.#client.get("/dispatches", { query: { outlet, limit: SHOWN } })).items;
  }
}

const stand = ({ state, tries }: Dispatch): string => `${state} ${tries}`;
