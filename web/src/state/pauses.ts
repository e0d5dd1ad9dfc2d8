/** Why agents pause: read by everybody who sees a pause, kept by supervisors and administrators. */

import { type ApiClient, newKey } from "../api/client";
import type { PauseReason } from "../api/types";
import { Action, Query } from "./query";

/** What the form of a reason holds. `minutes` as typed; empty: no bound. */
export interface PauseForm {
  readonly dutch: string;
  readonly english: string;
  readonly counts_as: PauseReason["counts_as"];
  readonly minutes: string;
}

export class PausesModel {
  readonly list: Query<readonly PauseReason[]>;
  readonly acting = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.list = new Query<readonly PauseReason[]>(async () => (await client.get("/pause-reasons")).items);
  }

  readonly add = async (form: PauseForm): Promise<boolean> =>
    this.#act(() => this.#client.post("/pause-reasons", { body: wish(form), idempotencyKey: newKey() }));

  readonly change = async (reason: PauseReason, form: PauseForm): Promise<boolean> => this.#patch(reason, wish(form));

  readonly archive = async (reason: PauseReason, archived: boolean): Promise<boolean> => this.#patch(reason, { archived });

  /** One place up (-1) or down (1) among those that are not archived. */
  readonly move = async (reason: PauseReason, step: -1 | 1): Promise<boolean> => {
    const shown = (this.list.get().data ?? []).filter(({ archived }) => !archived);
    const at = shown.findIndex(({ id }) => id === reason.id);
    const other = shown[at + step];
    if (at < 0 || other === undefined) return false;
    return this.#act(async () => {
      const places = shown.map(({ id }) => id);
      places.splice(at, 1);
      places.splice(at + step, 0, reason.id);
      // Those whose place is another one: whoever stops half-way leaves an order, not a hole.
      for (const [position, id] of places.entries()) {
        const one = shown.find((each) => each.id === id);
        if (one !== undefined && one.position !== position + 1) await this.#send(one, { position: position + 1 });
      }
    });
  };

  #patch(reason: PauseReason, body: Partial<ReturnType<typeof wish>> & { archived?: boolean }): Promise<boolean> {
    return this.#act(() => this.#send(reason, body));
  }

  #send(reason: PauseReason, body: object): Promise<unknown> {
    return this.#client.patch("/pause-reasons/{pause_reason}", { path: { pause_reason: reason.id }, ifMatch: reason.version, body });
  }

  /** The list is read anew whether or not it was done: a refusal means that it is another list. */
  async #act(work: () => Promise<unknown>): Promise<boolean> {
    const done = await this.acting.run(async () => {
      await work();
    });
    await this.list.reload();
    return done;
  }
}

function wish(form: PauseForm): { dutch: string; english: string; counts_as: PauseReason["counts_as"]; most_minutes: number | null } {
  return { dutch: form.dutch.trim(), english: form.english.trim(), counts_as: form.counts_as, most_minutes: form.minutes.trim() === "" ? null : Number(form.minutes) };
}
