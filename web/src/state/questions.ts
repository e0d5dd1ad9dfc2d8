/** Questions about cases, between the client's people and our supervisors. What is typed stays in memory. */

import { type ApiClient, newKey } from "../api/client";
import type { QuestionLine, QuestionState, QuestionThread } from "../api/types";
import { Action, Pages, Query } from "./query";
import { Store } from "./store";

export class QuestionsModel {
  readonly state = new Store<QuestionState | "">("");
  readonly list: Pages<QuestionLine>;

  constructor(client: ApiClient) {
    this.list = new Pages((cursor) => {
      const state = this.state.get();
      return client.get("/questions", { query: { ...(state === "" ? {} : { state }), ...(cursor === undefined ? {} : { cursor }) } });
    });
  }

  readonly narrow = (state: QuestionState | ""): void => {
    this.state.set(state);
    void this.list.reload();
  };
}

export class ThreadModel {
  readonly thread: Query<QuestionThread>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly case: string };
  #key = newKey();

  constructor(client: ApiClient, id: string) {
    this.#client = client;
    this.#path = { case: id };
    this.thread = new Query(() => client.get("/cases/{case}/question", { path: this.#path }));
  }

  /** What is on the screen has been read. */
  readonly open = async (): Promise<void> => {
    await this.thread.reload();
    const { data } = this.thread.get();
    const last = data?.messages.at(-1);
    if (data?.line == null || data.line.unread === 0 || last === undefined) return;
    await this.acting.run(async () => {
      await this.#client.post("/cases/{case}/question/read", { path: this.#path, body: { number: last.number } });
    });
  };

  /** Sent again after a failure it is the same message: the key changes only once it was kept. */
  readonly write = async (text: string): Promise<boolean> =>
    this.acting.run(async () => {
      const body = { text: text.trim() };
      this.thread.put(await this.#client.post("/cases/{case}/question", { path: this.#path, body, idempotencyKey: this.#key }));
      this.#key = newKey();
    });

  readonly close = async (): Promise<boolean> =>
    this.acting.run(async () => this.thread.put(await this.#client.post("/cases/{case}/question/close", { path: this.#path })));

  /** Another text is another message. */
  readonly retyped = (): void => {
    this.#key = newKey();
  };
}
