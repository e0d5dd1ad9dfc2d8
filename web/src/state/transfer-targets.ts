/** To whom calls of a client may go: a list that supervisors keep. */

import type { ApiClient } from "../api/client";
import type { TransferTarget } from "../api/types";
import type { Stretch } from "../domain/hours";
import { Action, Query } from "./query";

export interface NewTarget {
  readonly kind: TransferTarget["kind"];
  readonly name: string;
  readonly number: string;
  /** Of a workday; Saturday; Sundays are closed. */
  readonly workday: readonly Stretch[];
  readonly saturday: readonly Stretch[];
  /** Two letters each, by a comma. */
  readonly languages: string;
  readonly protocol: string;
}

export class TransferTargetsModel {
  readonly list: Query<readonly TransferTarget[]>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #of: string;

  constructor(client: ApiClient, of: string) {
    this.#client = client;
    this.#of = of;
    this.list = new Query<readonly TransferTarget[]>(async () => (await client.get("/clients/{client}/transfer-targets", { path: { client: of } })).items);
  }

  readonly add = async (wish: NewTarget): Promise<boolean> =>
    this.acting.run(async () => {
      const day = (stretches: readonly Stretch[]): string[][] => stretches.map((stretch) => [...stretch]);
      const codes = wish.languages.toLowerCase().split(/[\s,;]+/).filter((code) => code !== "");
      const hours = [...Array.from({ length: 5 }, () => day(wish.workday)), day(wish.saturday), []];
      const more = wish.kind === "interpreter" ? { languages: codes } : wish.kind === "crisis" ? { protocol: wish.protocol } : {};
      const body = { kind: wish.kind, name: wish.name.trim(), number: wish.number.trim(), hours, position: this.list.get().data?.length ?? 0, ...more };
      await this.#client.post("/clients/{client}/transfer-targets", { path: { client: this.#of }, body });
      await this.list.reload();
    });

  /** On or off: an agent no longer sees it, what was done with it stays. */
  readonly use = async (target: TransferTarget, active: boolean): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.patch("/transfer-targets/{transfer_target}", { path: { transfer_target: target.id }, ifMatch: target.version, body: { active } });
      await this.list.reload();
    });
}
