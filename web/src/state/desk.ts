/** The agent's desk: duty, softphone account, the call in hand, unfinished wrap-ups. */

import type { ApiClient } from "../api/client";
import type { Agent, CatalogueOutcome, DeviceGrant } from "../api/types";
import type { DutyAction } from "../domain/duty";
import type { Outcome } from "../domain/outcomes";
import { sentence } from "../domain/text";
import { CallModel } from "./call";
import { ColleaguesModel } from "./colleagues";
import type { HubState } from "./hub";
import { Action, Query } from "./query";
import { type Readable, Store } from "./store";
import type { WrapUpForm } from "./wrap-up";

const DUTY = { on_duty: "on", off_duty: "off", pause: "pause", resume: "resume" } as const;
const UNDO_WITHIN_MS = 15 * 60_000;
const WITH_CALL: readonly Agent["state"][] = ["reserved", "talking", "wrap_up"];

/** What the desk uses of the hub. */
export interface DeskFeed extends Readable<HubState> {
  readonly putAgent: (agent: Agent) => void;
}

/** What was filed last. */
export interface FiledLast {
  readonly attempt: string;
  readonly form: WrapUpForm;
}

export class Desk {
  /** The call or wrap-up on the screen. */
  readonly call = new Store<CallModel | null>(null);
  /** The softphone's account: shown once, kept in memory only. */
  readonly device = new Store<DeviceGrant | null>(null);
  readonly duty = new Action();
  readonly granting = new Action();
  readonly reading = new Action();
  readonly colleagues: ColleaguesModel;
  /** What was filed last, while it may still be taken back. */
  readonly filed = new Store<FiledLast | null>(null);
  readonly undoing = new Action();
  /** Every outcome, machines' too: for words. */
  readonly catalogue: Query<readonly CatalogueOutcome[]>;
  readonly #client: ApiClient;
  readonly #hub: DeskFeed;
  /** A wrap-up from the list that the agent opened while free. */
  #opened: string | null = null;
  #forget: ReturnType<typeof setTimeout> | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(client: ApiClient, hub: DeskFeed) {
    this.#client = client;
    this.#hub = hub;
    this.colleagues = new ColleaguesModel(client);
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
    this.#remember(null);
  }

  readonly act = async (action: DutyAction, reason?: string): Promise<void> => {
    await this.duty.run(async () => {
      const body = { duty: DUTY[action], ...(reason === undefined ? {} : { reason }) };
      this.#hub.putAgent(await this.#client.put("/agents/me/duty", { body }));
    });
  };

  readonly grantDevice = async (): Promise<void> => {
    await this.granting.run(async () => this.device.set(await this.#client.post("/agents/me/device")));
  };

  /** A supervisor's message is read; the feed takes it off the screen. */
  readonly read = async (message: string): Promise<void> => {
    await this.reading.run(async () => {
      await this.#client.put("/agents/me/message", { body: { message } });
    });
  };

  /** After a hard call: every supervisor sees that I ask for a colleague. */
  readonly askHelp = async (): Promise<void> => {
    await this.duty.run(async () => this.#hub.putAgent(await this.#client.post("/agents/me/help")));
  };

  readonly hideDevice = (): void => this.device.set(null);

  /** Opens an unfinished wrap-up from the list. */
  readonly take = (attempt: string): void => {
    this.#opened = attempt;
    this.#follow();
  };

  /** Takes the last filing back: its wrap-up opens again, filled in as it was. */
  readonly undo = async (): Promise<void> => {
    const last = this.filed.get();
    if (last === null) return;
    await this.undoing.run(async () => {
      const view = await this.#client.post("/attempts/{attempt}/undo", { path: { attempt: last.attempt } });
      this.#remember(null);
      this.#opened = last.attempt;
      this.#hub.putAgent(view);
      this.#follow();
      const call = this.call.get();
      if (call?.attempt === last.attempt) call.wrapUp.edit(last.form);
    });
  };

  #remember(last: FiledLast | null): void {
    clearTimeout(this.#forget);
    this.filed.set(last);
    if (last !== null) this.#forget = setTimeout(() => this.filed.set(null), UNDO_WITHIN_MS);
  }

  /** Finish it later; the draft stays. */
  readonly putAside = (): void => {
    this.#opened = null;
    this.#follow();
  };

  /** Makes, keeps or leaves the call on the screen, as my view says. A live call goes before an opened wrap-up. */
  #follow(): void {
    const { agent, card } = this.#hub.get();
    if (agent === null) return; // not told yet: keep what is there
    const mine = WITH_CALL.includes(agent.state) ? (agent.attempt ?? agent.wrap_ups[0]?.attempt ?? null) : null;
    if (mine !== null) this.#opened = null;
    const wanted = mine ?? (this.#opened !== null && agent.wrap_ups.some(({ attempt }) => attempt === this.#opened) ? this.#opened : null);
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
    const done = (view: Agent, form: WrapUpForm): void => {
      this.#opened = null;
      this.#remember({ attempt, form });
      this.#hub.putAgent(view);
      this.#follow();
    };
    return new CallModel({
      client: this.#client,
      attempt,
      opening: agent.call_back ? "call_back" : agent.direction === "in" ? "in" : "out",
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
