/** Bills of a client: what a month would cost, what was closed, what a record costs. */

import { type ApiClient, newKey } from "../api/client";
import type { Bill, BillDraft, Client, Tariff } from "../api/types";
import { Action, Query } from "./query";
import { Store } from "./store";

interface Chosen {
  /** Empty while the clients are not known. */
  readonly client: string;
  readonly month: string;
}

export class BillsModel {
  readonly chosen: Store<Chosen>;
  readonly clients: Query<readonly Client[]>;
  readonly bills: Query<readonly Bill[]>;
  readonly draft: Query<BillDraft>;
  readonly tariffs: Query<readonly Tariff[]>;
  readonly closing = new Action();
  readonly crediting = new Action();
  readonly pricing = new Action();
  readonly saving = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient, month: string) {
    this.#client = client;
    this.chosen = new Store<Chosen>({ client: "", month });
    this.clients = new Query<readonly Client[]>(async () => (await client.get("/clients")).items);
    this.bills = new Query<readonly Bill[]>(async () => (await client.get("/bills", { query: { client: this.chosen.get().client } })).items);
    this.draft = new Query(() => client.get("/clients/{client}/bill-draft", { path: this.#path(), query: { month: this.chosen.get().month } }));
    this.tariffs = new Query<readonly Tariff[]>(async () => (await client.get("/clients/{client}/tariffs", { path: this.#path() })).items);
  }

  readonly load = async (): Promise<void> => {
    await this.clients.reload();
    const first = this.clients.get().data?.[0];
    if (first !== undefined) await this.choose(first.id);
  };

  readonly choose = async (client: string): Promise<void> => {
    this.chosen.patch({ client });
    this.bills.clear();
    this.draft.clear();
    this.tariffs.clear();
    await this.#reload();
  };

  readonly lookAt = async (month: string): Promise<void> => {
    this.chosen.patch({ month });
    this.draft.clear();
    await this.draft.reload();
  };

  readonly close = async (): Promise<boolean> => {
    const done = await this.closing.run(async () => {
      await this.#client.post("/clients/{client}/bills", { path: this.#path(), body: { month: this.chosen.get().month }, idempotencyKey: newKey() });
    });
    await this.#reload();
    return done;
  };

  /** No references: all that stand. */
  readonly credit = async (bill: string, of: readonly string[], reason: string): Promise<boolean> => {
    const done = await this.crediting.run(async () => {
      const body = { references: of.length === 0 ? null : [...of], reason: reason.trim() };
      await this.#client.post("/bills/{bill}/credit", { path: { bill }, body, idempotencyKey: newKey() });
    });
    if (done) await this.#reload();
    return done;
  };

  readonly setTariff = async (from: string, price: string, vat: string, note: string): Promise<boolean> =>
    this.#price(async () => {
      const body = { valid_from: from, price, vat_percent: vat, note: note.trim() };
      return this.#client.post("/clients/{client}/tariffs", { path: this.#path(), body, idempotencyKey: newKey() });
    });

  readonly index = async (year: number, before: string, after: string, source: string): Promise<boolean> =>
    this.#price(async () => {
      const body = { year, before, after, source: source.trim() };
      return this.#client.post("/clients/{client}/tariffs/index", { path: this.#path(), body, idempotencyKey: newKey() });
    });

  readonly file = async (bill: string, format: "pdf" | "csv"): Promise<Blob | null> => {
    let made: Blob | null = null;
    await this.saving.run(async () => {
      made = await this.#client.download("/bills/{bill}/file", { path: { bill }, query: { format } });
    });
    return made;
  };

  #path(): { readonly client: string } {
    return { client: this.chosen.get().client };
  }

  async #reload(): Promise<void> {
    await Promise.all([this.bills.reload(), this.draft.reload(), this.tariffs.reload()]);
  }

  async #price(ask: () => Promise<{ items: readonly Tariff[] }>): Promise<boolean> {
    const done = await this.pricing.run(async () => {
      this.tariffs.put((await ask()).items);
    });
    if (done) await this.draft.reload();
    return done;
  }
}
