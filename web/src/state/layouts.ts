/** Layouts of one client's files of results: learned from an example, seen with invented lines, kept in versions. */

import type { ApiClient } from "../api/client";
import type { ResultPreview, ResultProfile } from "../api/types";
import { formOfExample, HEAD_BYTES } from "../domain/example-file";
import { isWhole, type LayoutForm, layoutFaults, layoutForm, layoutOf, learnedForm } from "../domain/result-layout";
import { Action, Query } from "./query";
import { Store } from "./store";

export interface LayoutEdit {
  readonly name: string;
  /** Its name is given already: the next version of that layout. */
  readonly named: boolean;
  /** How many columns the example had; null: it is of no example. */
  readonly learned: number | null;
  readonly form: LayoutForm;
  /** Somebody asked to keep it: faults may be shown. */
  readonly asked: boolean;
}

/** A pause in typing; then the invented lines are made anew. */
const PAUSE_MS = 400;

export class LayoutsModel {
  readonly list: Query<readonly ResultProfile[]>;
  readonly editing = new Store<LayoutEdit | null>(null);
  readonly preview: Query<ResultPreview | null>;
  readonly acting = new Action();
  /** What was kept last, for the eye. */
  readonly kept = new Store<{ readonly name: string; readonly version: number } | null>(null);
  readonly versions: Query<readonly ResultProfile[]>;
  readonly #client: ApiClient;
  readonly #path: { readonly client: string };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #versionsOf = "";

  constructor(client: ApiClient, of: string) {
    const path = { client: of };
    this.#client = client;
    this.#path = path;
    this.list = new Query<readonly ResultProfile[]>(async () => (await client.get("/clients/{client}/result-profiles", { path })).items);
    this.versions = new Query<readonly ResultProfile[]>(
      async () => (await client.get("/clients/{client}/result-profiles", { path, query: { name: this.#versionsOf } })).items,
    );
    this.preview = new Query<ResultPreview | null>(async () => {
      const edit = this.editing.get();
      if (edit === null || !isWhole(layoutFaults(edit.form))) return null;
      return await client.post("/result-profiles/preview", { body: { layout: layoutOf(edit.form) } });
    });
  }

  /** Reads the headings of an example; nothing of it is kept. */
  readonly learn = async (file: File): Promise<boolean> =>
    this.acting.run(async () => {
      const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
      const form = new FormData();
      form.append("file", file);
      const { columns } = await this.#client.upload("/result-profiles/example", { form });
      const before = this.editing.get();
      const kept = before?.named === true ? before : null; // the next version of a layout that is there
      const learned = learnedForm(columns, formOfExample(file.name, head), kept?.form ?? null);
      this.#show({ name: before?.name ?? "", named: kept !== null, learned: columns.length, form: learned, asked: false });
    });

  readonly begin = (form: LayoutForm): void => this.#open({ name: "", named: false, learned: null, form, asked: false });

  readonly open = (profile: ResultProfile): void => {
    this.#open({ name: profile.name, named: true, learned: null, form: layoutForm(profile.layout), asked: false });
    this.#versionsOf = profile.name;
    void this.versions.reload();
  };

  readonly close = (): void => {
    clearTimeout(this.#timer);
    this.editing.set(null);
    this.preview.clear();
    this.versions.clear();
  };

  readonly rename = (name: string): void => this.editing.update((edit) => (edit === null ? null : { ...edit, name }));

  readonly edit = (change: (form: LayoutForm) => LayoutForm): void => {
    this.kept.set(null);
    this.editing.update((edit) => (edit === null ? null : { ...edit, form: change(edit.form) }));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.preview.reload(), PAUSE_MS);
  };

  /** An earlier version in the form; kept, it is the newest. */
  readonly takeBack = (profile: ResultProfile): void => {
    this.edit(() => layoutForm(profile.layout));
  };

  readonly save = async (): Promise<boolean> => {
    const edit = this.editing.get();
    if (edit === null) return false;
    this.editing.set({ ...edit, asked: true });
    const name = edit.name.trim();
    if (name === "" || !isWhole(layoutFaults(edit.form))) return false;
    return this.acting.run(async () => {
      const { version } = await this.#client.post("/clients/{client}/result-profiles", { path: this.#path, body: { name, layout: layoutOf(edit.form) } });
      this.kept.set({ name, version });
      this.close();
      await this.list.reload();
    });
  };

  #open(edit: LayoutEdit): void {
    this.versions.clear();
    this.#show(edit);
  }

  #show(edit: LayoutEdit): void {
    this.kept.set(null);
    this.preview.clear();
    this.editing.set(edit);
    void this.preview.reload();
  }
}
