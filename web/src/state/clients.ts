/** Clients: what rules their calls, and how their files are read. */

import type { ApiClient } from "../api/client";
import type { Client, ClientDetail, ColumnMapping, IntakeField } from "../api/types";
import { clientChange, type ClientFault, clientFaults, type ClientForm, clientForm } from "../domain/client-form";
import { Action, Query } from "./query";
import { Store } from "./store";

export class ClientsModel {
  readonly list: Query<readonly Client[]>;

  constructor(client: ApiClient) {
    this.list = new Query<readonly Client[]>(async () => (await client.get("/clients")).items);
  }
}

interface Editing {
  readonly form: ClientForm | null;
  readonly changed: boolean;
  readonly asked: boolean;
  readonly saved: boolean;
}

const FRESH: Editing = { form: null, changed: false, asked: false, saved: false };

export class ClientModel {
  readonly detail: Query<ClientDetail>;
  readonly editing = new Store<Editing>(FRESH);
  readonly saving = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly client: string };

  constructor(client: ApiClient, id: string) {
    const path = { client: id };
    this.#client = client;
    this.#path = path;
    this.detail = new Query(() => client.get("/clients/{client}", { path }));
  }

  readonly load = async (): Promise<void> => {
    await this.detail.reload();
    const { data, error } = this.detail.get();
    if (data !== null && error === null) this.editing.set({ ...FRESH, form: clientForm(data) });
  };

  readonly edit = (change: Partial<ClientForm>): void => {
    const { form } = this.editing.get();
    if (form !== null) this.editing.patch({ form: { ...form, ...change }, changed: true, saved: false });
  };

  readonly editNumber = (key: string, typed: string): void => this.edit({ numbers: { ...this.editing.get().form?.numbers, [key]: typed } });

  faults(): Readonly<Record<string, ClientFault>> {
    const { form, asked } = this.editing.get();
    const { data } = this.detail.get();
    return form === null || data === null || !asked ? {} : clientFaults(form, data);
  }

  /** False: something is wrong with a field, or the service refused. */
  readonly save = async (): Promise<boolean> => {
    const { form } = this.editing.get();
    const { data } = this.detail.get();
    if (form === null || data === null) return false;
    this.editing.patch({ asked: true });
    if (Object.keys(clientFaults(form, data)).length > 0) return false;
    const change = clientChange(form, data);
    if (change === null) return true;
    return this.saving.run(async () => {
      const kept = await this.#client.patch("/clients/{client}", { path: this.#path, body: change, ifMatch: data.version });
      this.detail.put(kept);
      this.editing.set({ ...FRESH, form: clientForm(kept), saved: true });
    });
  };
}

interface Mappings {
  /** False: the client has no campaign, and so no files yet. */
  readonly ready: boolean;
  readonly items: readonly ColumnMapping[];
  readonly fields: Readonly<Record<ColumnMapping["kind"], readonly IntakeField[]>>;
}

/** How files of a client are read; reached through one of its campaigns. */
export class MappingsModel {
  readonly list: Query<Mappings>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  #campaign: string | null = null;

  constructor(client: ApiClient, id: string) {
    this.#client = client;
    this.list = new Query<Mappings>(async () => {
      const { items } = await client.get("/campaigns", { query: { limit: 200 } });
      this.#campaign = items.find((campaign) => campaign.client === id)?.id ?? null;
      if (this.#campaign === null) return { ready: false, items: [], fields: { list: [], numbers: [], visits: [] } };
      return { ready: true, ...(await client.get("/campaigns/{campaign}/mappings", { path: { campaign: this.#campaign } })) };
    });
  }

  /** Reads the headings of an example file. */
  readonly learn = async (name: string, kind: ColumnMapping["kind"], file: File): Promise<boolean> =>
    this.acting.run(async () => {
      const form = new FormData();
      form.append("file", file);
      await this.#client.upload("/campaigns/{campaign}/mappings", { path: { campaign: this.#campaign ?? "" }, query: { name: name.trim(), kind }, form });
      await this.list.reload();
    });

  readonly rename = async (mapping: ColumnMapping, name: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.patch("/campaigns/{campaign}/mappings", { path: { campaign: this.#campaign ?? "" }, body: { name: mapping.name, new_name: name.trim() } });
      await this.list.reload();
    });

  readonly remove = async (mapping: ColumnMapping): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.delete("/campaigns/{campaign}/mappings", { path: { campaign: this.#campaign ?? "" }, query: { name: mapping.name } });
      await this.list.reload();
    });

  readonly save = async (mapping: ColumnMapping, columns: Readonly<Record<string, string>>): Promise<boolean> =>
    this.acting.run(async () => {
      const kept = Object.fromEntries(Object.entries(columns).filter(([, heading]) => heading.trim() !== ""));
      const body = { name: mapping.name, kind: mapping.kind, columns: kept };
      await this.#client.put("/campaigns/{campaign}/mappings", { path: { campaign: this.#campaign ?? "" }, body });
      await this.list.reload();
    });
}
