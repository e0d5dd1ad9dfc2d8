/** The register of data leaks. */

import { type ApiClient, newKey } from "../api/client";
import type { Client, Incident, IncidentKnown } from "../api/types";
import { Action, Query } from "./query";
import { Store } from "./store";

export class LeaksModel {
  readonly list: Query<readonly Incident[]>;
  readonly clients: Query<readonly Client[]>;
  /** The draft of the notice of one leak. */
  readonly notice = new Store<{ readonly leak: string; readonly text: string } | null>(null);
  readonly acting = new Action();
  readonly #client: ApiClient;
  #key = newKey();

  constructor(client: ApiClient) {
    this.#client = client;
    this.list = new Query<readonly Incident[]>(async () => (await client.get("/incidents")).items);
    this.clients = new Query<readonly Client[]>(async () => (await client.get("/clients")).items);
  }

  readonly load = async (): Promise<void> => {
    await Promise.all([this.list.reload(), this.clients.reload()]);
  };

  /** Sent again after a failure it is the same leak. */
  readonly report = async (client: string, known: IncidentKnown): Promise<boolean> =>
    this.#change(async () => {
      await this.#client.post("/incidents", { body: { client, known }, idempotencyKey: this.#key });
      this.#key = newKey();
    });

  readonly learn = async (leak: Incident, known: IncidentKnown): Promise<boolean> =>
    this.#change(async () => {
      await this.#client.put("/incidents/{incident}", { path: { incident: leak.id }, body: known, ifMatch: leak.version });
      if (this.notice.get()?.leak === leak.id) this.notice.set(null);
    });

  readonly move = async (leak: Incident, step: "tell" | "close" | "reopen", lesson = ""): Promise<boolean> =>
    this.#change(async () => {
      await this.#client.post("/incidents/{incident}/step", { path: { incident: leak.id }, body: { step, lesson: lesson.trim() }, ifMatch: leak.version });
    });

  readonly draft = async (leak: Incident): Promise<boolean> =>
    this.acting.run(async () => {
      const { text } = await this.#client.get("/incidents/{incident}/notice", { path: { incident: leak.id } });
      this.notice.set({ leak: leak.id, text });
    });

  readonly file = async (): Promise<Blob | null> => {
    let made: Blob | null = null;
    await this.acting.run(async () => {
      made = await this.#client.download("/incidents/file", { query: { format: "csv" } });
    });
    return made;
  };

  /** Somebody else may have changed it: the list is read anew in any case. */
  async #change(work: () => Promise<void>): Promise<boolean> {
    const done = await this.acting.run(work);
    await this.list.reload();
    return done;
  }
}
