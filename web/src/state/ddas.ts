/** The delivery to the national exchange of early signals: who the client is there, and the file. */

import type { ApiClient } from "../api/client";
import type { DdasProfile } from "../api/types";
import { ddasBody, ddasFaults, type DdasForm, ddasForm } from "../domain/ddas-form";
import { Action, Query } from "./query";
import { Store } from "./store";

export interface DdasEdit {
  readonly form: DdasForm;
  /** Somebody asked to keep it: faults may be shown. */
  readonly asked: boolean;
  readonly kept: boolean;
}

export class DdasModel {
  readonly profile: Query<DdasProfile>;
  readonly editing = new Store<DdasEdit | null>(null);
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly client: string };

  constructor(client: ApiClient, of: string) {
    const path = { client: of };
    this.#client = client;
    this.#path = path;
    this.profile = new Query<DdasProfile>(async () => client.get("/clients/{client}/ddas", { path }));
  }

  readonly load = async (): Promise<void> => {
    await this.profile.reload();
    const { data } = this.profile.get();
    if (data !== null) this.editing.set({ form: ddasForm(data), asked: false, kept: false });
  };

  readonly edit = (change: Partial<DdasForm>): void =>
    this.editing.update((edit) => (edit === null ? null : { ...edit, form: { ...edit.form, ...change }, kept: false }));

  readonly save = async (): Promise<boolean> => {
    const edit = this.editing.get();
    if (edit === null) return false;
    this.editing.set({ ...edit, asked: true });
    if (Object.keys(ddasFaults(edit.form)).length > 0) return false;
    return this.acting.run(async () => {
      const kept = await this.#client.put("/clients/{client}/ddas", { path: this.#path, body: ddasBody(edit.form) });
      this.profile.put(kept);
      this.editing.set({ form: ddasForm(kept), asked: false, kept: true });
    });
  };
}

/** Signals delivered from `begin` to `end`, both included. */
export async function ddasFile(client: ApiClient, campaign: string, begin: string, end: string): Promise<Blob> {
  return client.download("/campaigns/{campaign}/ddas", { path: { campaign }, query: { from: begin, until: end } });
}
