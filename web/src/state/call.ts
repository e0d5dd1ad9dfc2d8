/** Everything about the one call (or wrap-up) in hand. Made when its attempt becomes mine, disposed when it no longer is. */

import type { ApiClient } from "../api/client";
import { asApiError } from "../api/errors";
import type { Agent, Card, Dossier } from "../api/types";
import type { Flag, Outcome } from "../domain/outcomes";
import { answer, back, backTo, begin, decode, encode, openedAs, type Opening, type Run, suggestion, verified } from "../domain/script";
import { IdentityCheck } from "./identity";
import { Action, Query } from "./query";
import { Store } from "./store";
import { WrapUp, type WrapUpForm } from "./wrap-up";

export interface CallOptions {
  readonly client: ApiClient;
  readonly attempt: string;
  readonly opening: Opening;
  readonly outcomes: () => readonly Outcome[];
  readonly onAgent: (agent: Agent) => void;
  readonly onFiled: (agent: Agent, form: WrapUpForm) => void;
}

export class CallModel {
  readonly attempt: string;
  readonly card = new Store<Card | null>(null);
  readonly script: Store<Run>;
  readonly identity: IdentityCheck;
  readonly dossier: Query<Dossier>;
  readonly wrapUp: WrapUp;
  readonly ending = new Action();
  readonly #options: CallOptions;
  #restored: Promise<void> | null = null;

  constructor(options: CallOptions) {
    const { client, attempt } = options;
    this.#options = options;
    this.attempt = attempt;
    this.script = new Store(begin(options.opening));
    this.identity = new IdentityCheck(client, attempt, () => this.#matched());
    this.dossier = new Query(() => client.get("/attempts/{attempt}/dossier", { path: { attempt } }));
    this.wrapUp = new WrapUp({
      client,
      attempt,
      outcomes: options.outcomes,
      verified: () => this.verified,
      onFiled: options.onFiled,
    });
  }

  get verified(): boolean {
    return this.identity.get().result === "match";
  }

  /** Brings the screen to where the call is: also after the page was loaded again in mid-call. */
  readonly load = async (): Promise<void> => {
    this.#restored ??= this.#restoreDraft();
    await this.#restored;
    if (this.card.get() === null) await this.loadCard();
  };

  readonly loadCard = async (): Promise<void> => {
    try {
      this.putCard(await this.#options.client.get("/attempts/{attempt}/card", { path: { attempt: this.attempt } }));
    } catch (error) {
      asApiError(error); // the live feed brings it, or the next try
    }
  };

  readonly putCard = (card: Card): void => {
    this.card.set(card);
    this.script.set(openedAs(this.script.get(), card.call_back ? "call_back" : card.direction));
    if (card.verified === null || this.verified) return;
    this.identity.known(card.verified);
    if (card.verified) void this.dossier.reload();
  };

  readonly answer = (index: number): void => this.#go(answer(this.script.get(), index, this.verified));
  readonly back = (): void => this.#go(back(this.script.get()));
  readonly backTo = (index: number): void => this.#go(backTo(this.script.get(), index));

  readonly hangUp = async (): Promise<void> => {
    await this.ending.run(async () => {
      this.#options.onAgent(await this.#options.client.post("/attempts/{attempt}/hang-up", { path: { attempt: this.attempt } }));
    });
  };

  /** One key: a machine or an announcement. Files and is ready again. */
  readonly voicemail = async (): Promise<void> => {
    await this.ending.run(async () => {
      const agent = await this.#options.client.post("/attempts/{attempt}/voicemail", { path: { attempt: this.attempt } });
      this.#options.onFiled(agent, { ...this.wrapUp.get().form, outcome: "VOICEMAIL" });
    });
  };

  dispose(): void {
    void this.wrapUp.flush();
    this.wrapUp.dispose();
  }

  async #restoreDraft(): Promise<void> {
    await this.wrapUp.restore();
    const run = decode(this.wrapUp.get().form.step);
    if (run !== null) this.script.set(run);
  }

  #matched(): void {
    this.#go(verified(this.script.get()));
    void this.dossier.reload();
    void this.loadCard();
  }

  /** The wrap-up follows the path: its outcome is proposed, never forced on what the agent chose. */
  #go(run: Run): void {
    if (run === this.script.get()) return;
    const before = suggestion(this.script.get());
    this.script.set(run);
    const now = suggestion(run);
    const { outcome, flags, answers } = this.wrapUp.get().form;
    const theirs = outcome === null || outcome === before.outcome;
    const crisis: readonly Flag[] = now.crisis && !flags.includes("CRISIS") ? [...flags, "CRISIS"] : flags;
    this.wrapUp.edit({
      step: encode(run),
      flags: crisis,
      answers: { ...answers, ...now.answers },
      ...(theirs ? { outcome: now.outcome } : {}),
    });
  }
}
