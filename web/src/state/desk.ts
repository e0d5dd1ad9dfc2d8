/** The agent's desk: duty, softphone account, the call in hand, unfinished wrap-ups. */

import type { ApiClient } from "../api/client";
import type { Agent, CatalogueOutcome, DeviceGrant } from "../api/types";
import type { DutyAction, PauseReason } from "../domain/duty";
import type { Outcome } from "../domain/outcomes";
import { sentence } from "../domain/text";
import { CallModel } from "./call";
import type { HubState } from "./hub";
import { Action, Query } from "./query";
import { type Readable, Store } from "./store";

const DUTY = { on_duty: "on", off_duty: "off", pause: "pause", resume: "resume" } as const;
const WITH_CALL: readonly Agent["state"][] = ["reserved", "talking", "wrap_up"];

/** What the desk uses of the hub. */
export interface DeskFeed extends Readable<HubState> {
  readonly putAgent: (agent: Agent) => void;
}

export class Desk {
  /** The call or wrap-up on the screen. */
  readonly call = new Store<CallModel | null>(null);
  /** The softphone's account: shown once, kept in memory only. */
  readonly device = new Store<DeviceGrant | null>(null);
  readonly duty = new Action();
  readonly granting = new Action();
  /** Every outcome, machines' too: for words. */
  readonly catalogue: Query<readonly CatalogueOutcome[]>;
  readonly #client: ApiClient;
  readonly #hub: DeskFeed;
  /** A wrap-up from the list that the agent opened while free. */
  #opened: string | null = null;
  #unsubscribe: () => void = () => undefined;

  constructor(client: ApiClient, hub: DeskFeed) {
    this.#client = client;
    this.#hub = hub;
    this.catalogue = new Query<readonly CatalogueOutcome[]>(async () => (await client.get("/outcomes")).items);
  }

  /** The desk is on the screen: follow what the feed tells. */
  open(): void {
    this.#unsubscribe = this.#hub.subscribe(() => this.#follow());
    this.#follow();
    void this.catalogue.reload();
  }

  /** Another page, or signed out: what is typed is kept as a draft, and nothing of the call stays in memory. */
  leave(): void {
    this.#unsubscribe();
    this.#opened = null;
    this.call.get()?.dispose();
    this.call.set(null);
    this.device.set(null);
  }

  readonly act = async (action: DutyAction, reason?: PauseReason): Promise<void> => {
    await this.duty.run(async () => {
      const body = { duty: DUTY[action], ...(reason === undefined ? {} : { reason }) };
      this.#hub.putAgent(await this.#client.put("/agents/me/duty", { body }));
    });
  };

  readonly grantDevice = async (): Promise<void> => {
    await this.granting.run(async () => this.device.set(await this.#client.post("/agents/me/device")));
  };

  readonly hideDevice = (): void => this.device.set(null);

  /** Opens an unfinished wrap-up from the list. */
  readonly take = (attempt: string): void => {
    this.#opened = attempt;
    this.#follow();
  };

  /** Finish it later; the draft stays. */
  readonly putAside = (): void => {
    this.#opened = null;
    this.#follow();
  };

  /** Makes, keeps or leaves the call on the screen, as my view says. A live call goes before an opened wrap-up. */
  #follow(): void {
    const { agent, card } = this.#hub.get();
    if (agent === null) return; // not told yet: keep what is there
    const mine = WITH_CALL.includes(agent.state) ? (agent.attempt ?? agent.wrap_ups[0] ?? null) : null;
    if (mine !== null) this.#opened = null;
    const wanted = mine ?? (this.#opened !== null && agent.wrap_ups.includes(this.#opened) ? this.#opened : null);
    const present = this.call.get();
    if (present?.attempt !== wanted) {
      present?.dispose();
      this.call.set(wanted === null ? null : this.#begin(wanted, agent));
    }
    const call = this.call.get();
    if (call === null) return;
    if (card?.attempt === call.attempt && call.card.get() === null) call.putCard(card);
    if (agent.state !== "reserved") void call.load();
  }

  #begin(attempt: string, agent: Agent): CallModel {
    const done = (view: Agent): void => {
      this.#opened = null;
      this.#hub.putAgent(view);
      this.#follow();
    };
    return new CallModel({
      client: this.#client,
      attempt,
      direction: agent.direction === "in" ? "in" : "out",
      outcomes: () => agentOutcomes(this.catalogue.get().data ?? [], "nl"),
      onAgent: this.#hub.putAgent,
      onFiled: done,
    });
  }
}

/** What an agent may choose, in the catalogue's order, in the screen's language. */
export function agentOutcomes(catalogue: readonly CatalogueOutcome[], language: "nl" | "en"): readonly Outcome[] {
  return catalogue
    .filter((item) => item.set_by !== "machine")
    .sort((a, b) => a.position - b.position)
    .map((item) => ({
      code: item.code,
      label: sentence(language === "nl" ? item.label_nl : item.label_en),
      reached: item.reached,
      finalFor: item.final_for,
      needs: item.needs,
      secondKey: item.second_key,
    }));
}
