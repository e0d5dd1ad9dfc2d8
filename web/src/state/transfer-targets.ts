/** To whom calls of a client may go: a list that supervisors keep. */

import type { ApiClient } from "../api/client";
import type { TransferTarget } from "../api/types";
import type { Stretch } from "../domain/hours";
import { Action, Query } from "./query";

export interface TargetWish {
  readonly kind: TransferTarget["kind"];
  readonly name: string;
  readonly number: string;
  /** Monday to Sunday. */
  readonly hours: readonly (readonly Stretch[])[];
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

  readonly add = async (wish: TargetWish): Promise<boolean> =>
    this.acting.run(async () => {
      const body = { ...sent(wish), position: this.list.get().data?.length ?? 0 };
      await this.#client.post("/clients/{client}/transfer-targets", { path: { client: this.#of }, body });
      await this.list.reload();
    });

  readonly change = async (target: TransferTarget, wish: TargetWish): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.patch("/transfer-targets/{transfer_target}", { path: { transfer_target: target.id }, ifMatch: target.version, body: sent(wish) });
      await this.list.reload();
    });

  /** On or off: an agent no longer sees it, what was done with it stays. */
  readonly use = async (target: TransferTarget, active: boolean): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.patch("/transfer-targets/{transfer_target}", { path: { transfer_target: target.id }, ifMatch: target.version, body: { active } });
      await this.list.reload();
    });
}

/** Only an interpreter has languages, only a crisis desk a protocol: what another kind had before goes. */
function sent({ kind, name, number, hours, languages, protocol }: TargetWish): {
  kind: TransferTarget["kind"];
  name: string;
  number: string;
  hours: string[][][];
  languages: string[];
  protocol: string;
} {
  const codes = languages.toLowerCase().split(/[\s,;]+/).filter((code) => code !== "");
  return {
    kind,
    name: name.trim(),
    number: number.trim(),
    hours: hours.map((day) => day.map((stretch) => [...stretch])),
    languages: kind === "interpreter" ? codes : [],
    protocol: kind === "crisis" ? protocol : "",
  };
}
