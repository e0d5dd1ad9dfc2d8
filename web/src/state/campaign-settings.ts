/** A campaign's settings on the screen: what is typed, what is wrong with it, what it would do, and keeping it. */

import type { ApiClient } from "../api/client";
import type { Campaign, CampaignSettings, CampaignTried } from "../api/types";
import { type CampaignForm, changeOf, type Faults, faultsOf, formOf } from "../domain/campaign-form";
import { Action, Query } from "./query";
import { Store } from "./store";

interface Loaded {
  readonly campaign: Campaign;
  readonly settings: CampaignSettings;
}

export interface Editing {
  readonly form: CampaignForm | null;
  readonly changed: boolean;
  /** Faults are shown from the first try on, not while somebody is still typing. */
  readonly asked: boolean;
  readonly tried: CampaignTried | null;
  readonly saved: boolean;
}

const FRESH: Editing = { form: null, changed: false, asked: false, tried: null, saved: false };

export class CampaignSettingsModel {
  readonly loaded: Query<Loaded>;
  readonly editing = new Store<Editing>(FRESH);
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly campaign: string };
  readonly #comma: boolean;
  #key = 0;

  /** `comma`: the reader writes 2,5. */
  constructor(client: ApiClient, campaign: string, comma: boolean) {
    this.#client = client;
    this.#path = { campaign };
    this.#comma = comma;
    this.loaded = new Query(async () => {
      const [found, settings] = await Promise.all([
        client.get("/campaigns/{campaign}", { path: this.#path }),
        client.get("/campaigns/{campaign}/settings", { path: this.#path }),
      ]);
      return { campaign: found, settings };
    });
  }

  /** Loads, and fills the form anew: what was typed is gone. */
  readonly load = async (): Promise<void> => {
    await this.loaded.reload();
    const { data, error } = this.loaded.get();
    if (data === null || error !== null) return;
    const form = formOf(data.campaign, data.settings, this.#comma);
    this.#key = form.exceptions.length;
    this.editing.set({ ...FRESH, form });
  };

  readonly edit = (change: Partial<CampaignForm>): void => {
    const { form } = this.editing.get();
    if (form === null) return;
    this.acting.clear();
    this.editing.patch({ form: { ...form, ...change }, changed: true, tried: null, saved: false });
  };

  readonly editNumber = (key: string, typed: string): void => this.edit({ numbers: { ...this.editing.get().form?.numbers, [key]: typed } });

  readonly editDay = (day: string, hours: string): void => this.edit({ week: { ...this.editing.get().form?.week, [day]: hours } });

  readonly addDate = (): void => {
    const { form } = this.editing.get();
    if (form !== null) this.edit({ exceptions: [...form.exceptions, { key: this.#key++, date: "", hours: "" }] });
  };

  readonly editDate = (key: number, change: { readonly date?: string; readonly hours?: string }): void => {
    const { form } = this.editing.get();
    if (form !== null) this.edit({ exceptions: form.exceptions.map((entry) => (entry.key === key ? { ...entry, ...change } : entry)) });
  };

  readonly removeDate = (key: number): void => {
    const { form } = this.editing.get();
    if (form !== null) this.edit({ exceptions: form.exceptions.filter((entry) => entry.key !== key) });
  };

  /** What is wrong, as far as it is shown. */
  faults(): Faults {
    const { form, asked } = this.editing.get();
    const { data } = this.loaded.get();
    return form === null || data === null || !asked ? {} : faultsOf(form, data.settings);
  }

  /** What keeping it would do. False: something is wrong with a field, or the service refused. */
  readonly tryOut = async (): Promise<boolean> => {
    const change = this.#change();
    if (change === null) return false;
    return this.acting.run(async () => {
      const { form } = this.editing.get();
      const tried = await this.#client.post("/campaigns/{campaign}/try", { path: this.#path, body: change });
      if (form === this.editing.get().form) this.editing.patch({ tried });
    });
  };

  readonly save = async (): Promise<boolean> => {
    const change = this.#change();
    const { data } = this.loaded.get();
    if (change === null || data === null) return false;
    const done = await this.acting.run(async () => {
      await this.#client.patch("/campaigns/{campaign}", { path: this.#path, body: change, ifMatch: data.settings.version });
    });
    if (done) {
      await this.load();
      this.editing.patch({ saved: true });
    }
    return done;
  };

  #change() {
    const { form } = this.editing.get();
    const { data } = this.loaded.get();
    if (form === null || data === null) return null;
    this.editing.patch({ asked: true });
    return Object.keys(faultsOf(form, data.settings)).length > 0 ? null : changeOf(form, data.campaign, data.settings);
  }
}
