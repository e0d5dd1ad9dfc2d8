/** Knowledge cards: written by supervisors, decided on by the client. */

import { type ApiClient, newKey } from "../api/client";
import type { Client, KnowledgeCard } from "../api/types";
import { type CardForm, isCard } from "../domain/knowledge";
import { Action, Query } from "./query";
import { Store } from "./store";

interface Writing {
  /** The card that is written anew; null: a new one. */
  readonly card: KnowledgeCard | null;
  readonly form: CardForm | null;
}

export class KnowledgeModel {
  readonly list: Query<readonly KnowledgeCard[]>;
  readonly clients: Query<readonly Client[]>;
  readonly writing = new Store<Writing>({ card: null, form: null });
  readonly saving = new Action();
  readonly deciding = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.list = new Query<readonly KnowledgeCard[]>(async () => (await client.get("/knowledge")).items);
    this.clients = new Query<readonly Client[]>(async () => (await client.get("/clients")).items);
  }

  /** A new card, valid from `today` on. */
  readonly begin = (today: string): void => this.writing.set({ card: null, form: { client: "", title: "", text: "", from: today, to: "" } });

  readonly open = (card: KnowledgeCard): void =>
    this.writing.set({ card, form: { client: card.client, title: card.title, text: card.text, from: card.valid_from, to: card.valid_to ?? "" } });

  readonly edit = (change: Partial<CardForm>): void => {
    const { form } = this.writing.get();
    if (form !== null) this.writing.patch({ form: { ...form, ...change } });
  };

  readonly shut = (): void => {
    this.saving.clear();
    this.writing.set({ card: null, form: null });
  };

  /** False: something is missing, or the service refused; what was typed stays. */
  readonly save = async (): Promise<boolean> => {
    const { card, form } = this.writing.get();
    if (form === null || !isCard(form)) return false;
    const body = { title: form.title.trim(), text: form.text.trim(), valid_from: form.from, valid_to: form.to === "" ? null : form.to };
    const done = await this.saving.run(async () => {
      if (card === null) await this.#client.post("/knowledge", { body: { client: form.client, ...body }, idempotencyKey: newKey() });
      else await this.#client.put("/knowledge/{knowledge}", { path: { knowledge: card.id }, body, ifMatch: card.version });
    });
    if (!done) return false;
    this.shut();
    await this.list.reload();
    return true;
  };

  readonly decide = async (card: KnowledgeCard, decision: "approved" | "refused", note: string): Promise<boolean> => {
    const done = await this.deciding.run(async () => {
      await this.#client.post("/knowledge/{knowledge}/decision", { path: { knowledge: card.id }, body: { decision, note: note.trim() }, ifMatch: card.version });
    });
    await this.list.reload(); // refused or not: somebody may have been first
    return done;
  };
}
