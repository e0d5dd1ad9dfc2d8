/** Everything about the one call (or wrap-up) in hand. Made when its attempt becomes mine, disposed when it no longer is. */

import type { ApiClient } from "../api/client";
import { Backoff } from "../api/backoff";
import { type ApiError, asApiError } from "../api/errors";
import type { Agent, CallKnowledge, CallScript, Card, Dossier } from "../api/types";
import type { Flag, Outcome } from "../domain/outcomes";
import { answer, back, backTo, begin, decode, encode, type Known, openedAs, type Opening, type Run, suggestion, verified, WILL_CALL } from "../domain/script";
import { IdentityCheck } from "./identity";
import { Action, Query } from "./query";
import { RecordingModel } from "./recording";
import { SlotOffer } from "./slot-offer";
import { Store } from "./store";
import { TransferModel } from "./transfer";
import { WrapUp, type WrapUpForm } from "./wrap-up";

export interface CallOptions {
  readonly client: ApiClient;
  readonly attempt: string;
  readonly opening: Opening;
  readonly outcomes: () => readonly Outcome[];
  readonly onAgent: (agent: Agent) => void;
  readonly onFiled: (agent: Agent, form: WrapUpForm) => void;
  readonly random?: () => number;
}

/** The script of this call, and where the agent is in it; both null until the service has given it. */
export interface ScriptState {
  readonly served: CallScript | null;
  readonly run: Run | null;
  readonly error: ApiError | null;
}

export class CallModel {
  readonly attempt: string;
  readonly card = new Store<Card | null>(null);
  readonly script = new Store<ScriptState>({ served: null, run: null, error: null });
  readonly identity: IdentityCheck;
  readonly dossier: Query<Dossier>;
  readonly knowledge: Query<CallKnowledge>;
  readonly wrapUp: WrapUp;
  readonly slots: SlotOffer;
  readonly ending = new Action();
  /** "This is a scam" was said; `before`: the outcome that was chosen until then. */
  readonly doubt = new Store<{ readonly shown: boolean; readonly before: string | null }>({ shown: false, before: null });
  readonly transfer: TransferModel;
  readonly recording: RecordingModel;
  readonly #options: CallOptions;
  readonly #backoff: Backoff;
  #restored: Promise<void> | null = null;
  #opening: Opening;
  #scriptTimer: ReturnType<typeof setTimeout> | undefined;
  /** The check matched while there was no script yet. */
  #matchedEarly = false;
  #gone = false;

  constructor(options: CallOptions) {
    const { client, attempt } = options;
    this.#options = options;
    this.attempt = attempt;
    this.#opening = options.opening;
    this.#backoff = new Backoff({ firstMs: 500, maxMs: 8000, ...(options.random === undefined ? {} : { random: options.random }) });
    this.identity = new IdentityCheck(client, attempt, () => this.#matched());
    this.dossier = new Query(() => client.get("/attempts/{attempt}/dossier", { path: { attempt } }));
    this.knowledge = new Query(async () => (await client.get("/attempts/{attempt}/knowledge", { path: { attempt } })).items);
    this.transfer = new TransferModel(client, attempt);
    this.recording = new RecordingModel(client, attempt, options.onAgent);
    this.wrapUp = new WrapUp({
      client,
      attempt,
      outcomes: options.outcomes,
      verified: () => this.verified,
      onFiled: options.onFiled,
    });
    this.slots = new SlotOffer(client, attempt, this.wrapUp);
  }

  get verified(): boolean {
    return this.identity.get().result === "match";
  }

  /** Brings the screen to where the call is: also after the page was loaded again in mid-call. */
  readonly load = async (): Promise<void> => {
    this.#restored ??= this.#restore();
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

  /** Fetches the script until it is there: a call can be known to the screen before the ledger has it. */
  readonly loadScript = async (): Promise<void> => {
    clearTimeout(this.#scriptTimer);
    if (this.script.get().served !== null) return;
    try {
      const served = await this.#options.client.get("/attempts/{attempt}/script", { path: { attempt: this.attempt } });
      const run = decode(served.body, this.wrapUp.get().form.step) ?? begin(served.body, this.#opening);
      this.script.set({ served, run: openedAs(served.body, run, this.#opening), error: null });
      if (this.#matchedEarly) this.#go((_, now) => verified(served.body, now));
    } catch (error) {
      const failed = asApiError(error);
      this.script.patch({ error: failed });
      if (!this.#gone && (failed.passing || failed.status === 404)) this.#scriptTimer = setTimeout(() => void this.loadScript(), this.#backoff.next());
    }
  };

  readonly putCard = (card: Card): void => {
    this.card.set(card);
    this.#opening = card.call_back ? "call_back" : card.direction === "in" ? "in" : "out";
    const { served, run } = this.script.get();
    if (served !== null && run !== null) this.script.patch({ run: openedAs(served.body, run, this.#opening) });
    if (card.verified === null || this.verified) return;
    this.identity.known(card.verified);
    if (card.verified) void this.dossier.reload();
  };

  /** What conditions of the script may ask. */
  get known(): Known {
    const card = this.card.get();
    const dossier = this.dossier.get().data;
    const number = card?.attempt_number ?? null;
    return {
      verified: this.verified,
      opening: this.#opening,
      language: card?.language ?? "",
      attempt: number === null ? null : number > 1 ? "again" : "first",
      arrears: dossier?.signals.map((signal) => signal.partner_type) ?? [],
      crisis: dossier?.crisis ?? null,
    };
  }

  /** The answer with this key. */
  readonly answer = (key: number): void => this.#go((served, run) => answer(served.body, run, key, this.known));
  readonly back = (): void => this.#go((_, run) => back(run));
  readonly backTo = (index: number): void => this.#go((_, run) => backTo(run, index));

  /** What was marked so far goes along: after a crisis, a complaint or aggression the resident is asked nothing. */
  readonly hangUp = async (noSurvey = false): Promise<void> => {
    const { flags } = this.wrapUp.get().form;
    const body = { ...(flags.length === 0 ? {} : { flags: [...flags] }), ...(noSurvey ? { no_survey: true } : {}) };
    await this.ending.run(async () => {
      this.#options.onAgent(await this.#options.client.post("/attempts/{attempt}/hang-up", { path: { attempt: this.attempt }, body }));
    });
  };

  /** The second key of a crisis: the desk is rung, and the wrap-up is marked whatever becomes of it. */
  readonly crisis = async (): Promise<void> => {
    const { flags } = this.wrapUp.get().form;
    if (!flags.includes("CRISIS")) this.wrapUp.edit({ flags: [...flags, "CRISIS"] });
    const desk = this.transfer.crisisDesk;
    if (desk !== null) await this.transfer.start("warm", { target: desk.id });
  };

  /** "This is a scam": the resident rings back through the municipality. Pressed once more: he goes on after all. */
  readonly doubts = (): void => {
    const { shown, before } = this.doubt.get();
    const { outcome } = this.wrapUp.get().form;
    if (shown) {
      this.doubt.set({ shown: false, before: null });
      if (outcome === WILL_CALL) this.wrapUp.edit({ outcome: before });
      return;
    }
    this.doubt.set({ shown: true, before: outcome });
    if (outcome !== WILL_CALL && this.#options.outcomes().some(({ code }) => code === WILL_CALL)) this.wrapUp.edit({ outcome: WILL_CALL });
  };

  /** One key: a machine or an announcement. Files and is ready again. */
  readonly voicemail = async (): Promise<void> => {
    await this.ending.run(async () => {
      const agent = await this.#options.client.post("/attempts/{attempt}/voicemail", { path: { attempt: this.attempt } });
      this.#options.onFiled(agent, { ...this.wrapUp.get().form, outcome: "VOICEMAIL" });
    });
  };

  dispose(): void {
    this.#gone = true;
    clearTimeout(this.#scriptTimer);
    void this.wrapUp.flush();
    this.wrapUp.dispose();
  }

  async #restore(): Promise<void> {
    await this.wrapUp.restore();
    await this.loadScript();
  }

  #matched(): void {
    this.#matchedEarly = this.script.get().served === null;
    this.#go((served, run) => verified(served.body, run));
    void this.dossier.reload();
    void this.loadCard();
  }

  /** The wrap-up follows the path: its outcome is proposed, never forced on what the agent chose. */
  #go(step: (served: CallScript, run: Run) => Run): void {
    const { served, run: old } = this.script.get();
    if (served === null || old === null) return;
    const run = step(served, old);
    if (run === old) return;
    const before = suggestion(served.body, old);
    this.script.patch({ run });
    const now = suggestion(served.body, run);
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
