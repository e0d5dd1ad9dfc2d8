/** A call that its agent gives to somebody else. What becomes of it, only the live feed tells: see `agent.transfer`. */

import type { ApiClient } from "../api/client";
import type { Agent, TransferChoices, TransferStep, TransferWay } from "../api/types";
import { Action, Query } from "./query";
import { Store } from "./store";

/** What is open beside the call: nothing, the list of targets, or the protocol of a crisis. */
type Shown = "nothing" | "targets" | "crisis";

export type Target = TransferChoices["targets"][number];

export interface Whom {
  readonly target?: string;
  readonly colleague?: string;
}

export class TransferModel {
  readonly shown = new Store<Shown>("nothing");
  readonly choices: Query<TransferChoices>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #attempt: string;

  constructor(client: ApiClient, attempt: string) {
    this.#client = client;
    this.#attempt = attempt;
    this.choices = new Query(() => client.get("/attempts/{attempt}/transfer", { path: { attempt } }));
  }

  /** Open it, or close it again. */
  readonly toggle = (what: "targets" | "crisis"): void => {
    this.acting.clear();
    const next = this.shown.get() === what ? "nothing" : what;
    this.shown.set(next);
    if (next !== "nothing") void this.choices.reload();
  };

  readonly close = (): void => this.shown.set("nothing");

  /** The first crisis desk that answers now. */
  get crisisDesk(): Target | null {
    return this.choices.get().data?.targets.find(({ kind, open }) => kind === "crisis" && open) ?? null;
  }

  readonly start = async (way: TransferWay, whom: Whom): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/attempts/{attempt}/transfer", { path: { attempt: this.#attempt }, body: { way, ...whom } });
      this.shown.set("nothing");
    });

  readonly step = async (step: TransferStep): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.put("/attempts/{attempt}/transfer", { path: { attempt: this.#attempt }, body: { step } });
    });
}

/** True while it goes on: over, it only says how it ended. */
export function underWay(transfer: Agent["transfer"]): boolean {
  return transfer !== null && transfer.state !== "over";
}

const STEPS: Readonly<Record<string, readonly TransferStep[]>> = {
  holding: ["back"],
  ringing: ["back"],
  meeting: ["back"],
  asking: ["gather", "leave", "back"],
  gathering: ["back"],
  together: ["leave", "back"],
  handing: ["back"],
};

/** What the agent may ask now. */
export function steps(transfer: Agent["transfer"]): readonly TransferStep[] {
  return transfer === null || transfer.incoming ? [] : (STEPS[transfer.state] ?? []);
}
