/** Practice: the set, how far the agent is, and the conversation that runs: a desk of its own over a service in the page. */

import { ApiClient, newKey } from "../api/client";
import type { CatalogueOutcome, MyPractice, PracticeScenario, PracticeSet } from "../api/types";
import { BEGUN, type Conversation, type Judged, judge } from "../domain/practice";
import { Desk } from "./desk";
import { Hub } from "./hub";
import { PracticeService, type PracticeParts, type PracticeEvent } from "./practice-service";
import { PreviewModel } from "./preview";
import { Action, Query } from "./query";
import { Store } from "./store";

export interface Result {
  readonly judged: readonly Judged[];
  /** Null until the service has said it. */
  readonly score: number | null;
  readonly passed: boolean;
}

export interface PracticeOptions {
  /** The real service: the set comes from it, and results go to it. */
  readonly client: ApiClient;
  readonly language: () => string;
}

type Words = PracticeParts["words"];

export class PracticeModel {
  readonly set: Query<PracticeSet>;
  readonly mine: Query<MyPractice>;
  /** The conversation on the screen. */
  readonly talk = new Store<PracticeTalk | null>(null);
  readonly result = new Store<Result | null>(null);
  readonly reporting = new Action();
  readonly #options: PracticeOptions;
  /** What a conversation may end with: none begins before it is here. */
  readonly catalogue: Query<readonly CatalogueOutcome[]>;

  constructor(options: PracticeOptions) {
    const { client } = options;
    this.#options = options;
    this.set = new Query(() => client.get("/practice"));
    this.mine = new Query(() => client.get("/agents/me/practice"));
    this.catalogue = new Query<readonly CatalogueOutcome[]>(async () => (await client.get("/outcomes")).items);
  }

  readonly open = async (): Promise<void> => {
    await Promise.all([this.set.reload(), this.mine.reload(), this.catalogue.reload()]);
  };

  /** Another page: nothing goes on. */
  readonly leave = (): void => {
    this.talk.get()?.stop();
    this.talk.set(null);
    this.result.set(null);
    this.reporting.clear();
  };

  /** The telephone of this scenario rings. */
  readonly begin = (code: string, user: PracticeParts["user"], words: Words): void => {
    this.leave();
    const set = this.set.get().data;
    const catalogue = this.catalogue.get().data;
    const scenario = set?.scenarios.find((one) => one.code === code);
    if (set === null || catalogue === null || scenario === undefined) return;
    const talk = new PracticeTalk({ scenario, script: set.script, catalogue, user, words }, this.#options.language, () => void this.#over(set, talk));
    this.talk.set(talk);
  };

  /** Sends the points (again): an answer that did not come is asked for by hand. */
  readonly report = async (): Promise<void> => {
    const [set, talk, result] = [this.set.get().data, this.talk.get(), this.result.get()];
    if (set === null || talk === null || result?.score !== null) return;
    await this.reporting.run(async () => {
      const points = result.judged.map(({ point, met }) => ({ point, met }));
      const body = { version: set.version, scenario: talk.scenario.code, points };
      const { score, passed, mine } = await this.#options.client.post("/practice/results", { body, idempotencyKey: talk.key });
      this.mine.put(mine);
      if (this.talk.get() === talk) this.result.set({ ...result, score, passed });
    });
  };

  async #over(set: PracticeSet, talk: PracticeTalk): Promise<void> {
    const judged = judge({ scenario: talk.scenario, script: set.script, healthWords: set.health_words, talk: talk.get(), now: new Date() });
    this.result.set({ judged, score: null, passed: false });
    talk.stop();
    await this.report();
  }
}

/** One conversation: the desk that the agent sees, and what is noted of it. */
export class PracticeTalk extends Store<Conversation> {
  readonly scenario: PracticeScenario;
  readonly client: ApiClient;
  readonly hub: Hub;
  readonly desk: Desk;
  readonly preview: PreviewModel;
  /** The result is counted once, however often it is sent. */
  readonly key = newKey();
  readonly #service: PracticeService;
  readonly #onFiled: () => void;
  #unsubscribe: (() => void)[] = [];

  constructor(parts: Omit<PracticeParts, "onEvent">, language: () => string, onFiled: () => void) {
    super(BEGUN);
    this.scenario = parts.scenario;
    this.#onFiled = onFiled;
    this.#service = new PracticeService({ ...parts, onEvent: this.#note });
    this.client = new ApiClient({ fetch: this.#service.fetch, language });
    this.hub = new Hub({ connect: this.#service.connect, onEnded: () => undefined, onLost: () => undefined });
    this.desk = new Desk(this.client, this.hub);
    this.preview = new PreviewModel(this.client);
    this.#unsubscribe = [this.desk.call.subscribe(this.#followScript)];
    this.hub.start(parts.user.id);
    this.#service.ring();
  }

  /** What the agent said to the resident's question at this step. */
  readonly reply = (at: string, reply: number): void => {
    if (this.get().replies[at] === undefined) this.patch({ replies: { ...this.get().replies, [at]: reply } });
  };

  stop(): void {
    for (const end of this.#unsubscribe) end();
    this.#unsubscribe = [];
    this.#service.stop();
    this.hub.stop();
  }

  readonly #followScript = (): void => {
    const call = this.desk.call.get();
    if (call === null) return;
    const follow = (): void => {
      const { run } = call.script.get();
      if (run !== null) this.patch({ run });
    };
    this.#unsubscribe.push(call.script.subscribe(follow));
    follow();
  };

  readonly #note = (event: PracticeEvent): void => {
    switch (event.kind) {
      case "matched":
        this.patch({ matched: true });
        break;
      case "ended":
        this.patch({ ending: event.ending });
        break;
      case "crisis_desk":
        this.patch({ crisisDesk: true });
        break;
      case "bsn":
        this.patch({ bsn: true });
        break;
      case "slots":
        this.patch({ slots: { ...this.get().slots, ...event.starts } });
        break;
      case "filed":
        this.patch({ filing: event.filing });
        queueMicrotask(this.#onFiled); // the desk has its answer first
        break;
    }
  };
}

