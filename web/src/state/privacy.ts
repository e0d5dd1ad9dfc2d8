/** What is held and how long; and what residents ask about it. What is typed stays in memory. */

import { type ApiClient, newKey } from "../api/client";
import type { Client, ContractEnd, FoundResident, KeptDelivery, PrivacyRegister, PrivacyRequest, PrivacyRequestKind, ResidentCorrection } from "../api/types";
import { Action, Query } from "./query";
import { Store } from "./store";

/** Clients to choose from, and the one that was chosen; empty: none yet. */
class OfClient {
  readonly chosen = new Store("");
  readonly clients: Query<readonly Client[]>;

  constructor(client: ApiClient) {
    this.clients = new Query<readonly Client[]>(async () => (await client.get("/clients")).items);
  }

  async first(): Promise<string> {
    await this.clients.reload();
    const first = this.clients.get().data?.[0]?.id ?? "";
    this.chosen.set(first);
    return first;
  }
}

export class RegisterModel {
  readonly of: OfClient;
  readonly register: Query<PrivacyRegister>;
  readonly kept: Query<readonly KeptDelivery[]>;
  readonly end: Query<ContractEnd>;
  readonly saving = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.of = new OfClient(client);
    this.end = new Query(() => client.get("/clients/{client}/contract-end", { path: { client: this.of.chosen.get() } }));
    this.register = new Query(() => client.get("/privacy/register", { query: this.#query() }));
    this.kept = new Query<readonly KeptDelivery[]>(async () => (await client.get("/clients/{client}/kept", { path: { client: this.of.chosen.get() } })).items);
  }

  readonly load = async (): Promise<void> => {
    await this.choose(await this.of.first());
  };

  readonly choose = async (client: string): Promise<void> => {
    this.of.chosen.set(client);
    this.register.clear();
    this.kept.clear();
    this.end.clear();
    await Promise.all([this.register.reload(), ...(client === "" ? [] : [this.kept.reload(), this.end.reload()])]);
  };

  readonly file = async (): Promise<Blob | null> => {
    let made: Blob | null = null;
    await this.saving.run(async () => {
      made = await this.#client.download("/privacy/register/file", { query: { ...this.#query(), format: "csv" } });
    });
    return made;
  };

  readonly endReport = async (): Promise<Blob | null> => {
    let made: Blob | null = null;
    await this.saving.run(async () => {
      made = await this.#client.download("/clients/{client}/contract-end/report", { path: { client: this.of.chosen.get() }, query: { format: "pdf" } });
    });
    return made;
  };

  #query(): { readonly client?: string } {
    const client = this.of.chosen.get();
    return client === "" ? {} : { client };
  }
}

export class PrivacyRequestsModel {
  readonly of: OfClient;
  readonly requests: Query<readonly PrivacyRequest[]>;
  /** Null: nobody was looked for. */
  readonly found = new Store<readonly FoundResident[] | null>(null);
  /** Rows by table that an erasure would take away, of one request. */
  readonly preview = new Store<{ readonly request: string; readonly rows: Readonly<Record<string, number>> } | null>(null);
  readonly finding = new Action();
  readonly acting = new Action();
  readonly #client: ApiClient;
  #key = newKey();

  constructor(client: ApiClient) {
    this.#client = client;
    this.of = new OfClient(client);
    this.requests = new Query<readonly PrivacyRequest[]>(async () => (await client.get("/privacy-requests")).items);
  }

  readonly load = async (): Promise<void> => {
    await Promise.all([this.of.first(), this.requests.reload()]);
  };

  readonly find = async (reference: string, purpose: string): Promise<boolean> =>
    this.finding.run(async () => {
      this.found.set(null);
      const path = { client: this.of.chosen.get() };
      this.found.set((await this.#client.post("/clients/{client}/residents/find", { path, body: { reference: reference.trim(), purpose: purpose.trim() } })).items);
    });

  /** Sent again after a failure it is the same request. */
  readonly open = async (resident: string, kind: PrivacyRequestKind, receivedOn: string, reason: string): Promise<boolean> =>
    this.acting.run(async () => {
      const body = { kind, received_on: receivedOn, reason: reason.trim() };
      await this.#client.post("/residents/{resident}/privacy-requests", { path: { resident }, body, idempotencyKey: this.#key });
      this.#key = newKey();
      this.found.set(null);
      await this.requests.reload();
    });

  readonly look = async (request: PrivacyRequest): Promise<boolean> =>
    this.acting.run(async () => {
      const { rows } = await this.#client.get("/residents/{resident}/erasure", { path: { resident: request.resident } });
      this.preview.set({ request: request.id, rows });
    });

  readonly carryOut = async (request: PrivacyRequest, correction?: ResidentCorrection): Promise<boolean> =>
    this.#change(async () => {
      const body = correction === undefined ? {} : { correction };
      await this.#client.post("/privacy-requests/{privacy_request}/carry-out", { path: { privacy_request: request.id }, body, ifMatch: request.version });
      this.preview.set(null);
    });

  readonly move = async (request: PrivacyRequest, step: "extend" | "refuse", text: string): Promise<boolean> =>
    this.#change(async () => {
      await this.#client.post("/privacy-requests/{privacy_request}/move", { path: { privacy_request: request.id }, body: { step, text: text.trim() }, ifMatch: request.version });
    });

  /** All that is held, as a file to hand over. */
  readonly file = async (request: PrivacyRequest): Promise<Blob | null> => {
    let made: Blob | null = null;
    await this.acting.run(async () => {
      const content = await this.#client.post("/privacy-requests/{privacy_request}/file", { path: { privacy_request: request.id } });
      made = new Blob([JSON.stringify(content, null, 2)], { type: "application/json" });
    });
    return made;
  };

  /** Somebody else may have changed it: what stands there is read anew in any case. */
  async #change(work: () => Promise<void>): Promise<boolean> {
    const done = await this.acting.run(work);
    await this.requests.reload();
    return done;
  }
}
