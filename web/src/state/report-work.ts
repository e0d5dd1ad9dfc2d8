/** What happened in the days of a report, the records behind a count, and what is agreed with a client. */

import type { ApiClient } from "../api/client";
import type { KpiTerms, ReportOperations, WorkRecord } from "../api/types";
import { numberTyped, percentTyped } from "../domain/report-work";
import { Action, Pages, Query } from "./query";
import { Store } from "./store";

/** A count that was opened; an empty key: of the total. */
export interface WorkFigure {
  readonly title: string;
  readonly section: string;
  readonly figure: string;
  readonly key: string;
}

export class WorkModel {
  readonly work: Query<ReportOperations>;
  readonly opened = new Store<WorkFigure | null>(null);
  readonly records: Pages<WorkRecord>;

  constructor(client: ApiClient, report: string) {
    const path = { report };
    this.work = new Query(() => client.get("/reports/{report}/operations", { path }));
    this.records = new Pages((cursor) => {
      const opened = this.opened.get();
      if (opened === null) return Promise.resolve({ items: [], next: null });
      const { section, figure, key } = opened;
      const query = { section, figure, ...(key === "" ? {} : { key }), ...(cursor === undefined ? {} : { cursor }) };
      return client.get("/reports/{report}/operations/records", { path, query });
    });
  }

  readonly open = (figure: WorkFigure): void => {
    this.records.set({ data: null, next: null, loading: false, error: null });
    this.opened.set(figure);
    void this.records.reload();
  };

  readonly close = (): void => this.opened.set(null);
}

/** What is typed for a KPI: both empty is the usual. */
export interface KpiTyped {
  readonly target: string;
  readonly band: string;
}

/** Seconds that may be agreed at most. */
const MOST_SECONDS = 600;

export class KpisModel {
  readonly list: Query<readonly KpiTerms[]>;
  readonly typed = new Store<Readonly<Record<string, KpiTyped>>>({});
  readonly saving = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly client: string };

  constructor(client: ApiClient, of: string) {
    this.#client = client;
    this.#path = { client: of };
    this.list = new Query<readonly KpiTerms[]>(async () => (await client.get("/clients/{client}/kpis", { path: this.#path })).items);
  }

  readonly load = async (): Promise<void> => {
    await this.list.reload();
    this.#fill();
  };

  readonly edit = (key: string, change: Partial<KpiTyped>): void => {
    const before = this.typed.get();
    this.typed.set({ ...before, [key]: { ...(before[key] ?? { target: "", band: "" }), ...change } });
  };

  /** KPIs of which what is typed is no figure. */
  readonly faults = (): ReadonlySet<string> => {
    const typed = this.typed.get();
    return new Set((this.list.get().data ?? []).filter((one) => read(one, typed[one.key]) === undefined).map(({ key }) => key));
  };

  readonly save = async (): Promise<boolean> =>
    this.saving.run(async () => {
      const typed = this.typed.get();
      const agreed = (this.list.get().data ?? []).flatMap((one) => {
        const found = read(one, typed[one.key]);
        return found == null ? [] : [[one.key, found] as const];
      });
      this.list.put((await this.#client.put("/clients/{client}/kpis", { path: this.#path, body: { kpis: Object.fromEntries(agreed) } })).items);
      this.#fill();
    });

  #fill(): void {
    const shown = (one: KpiTerms, value: number): string => (one.usual ? "" : one.unit === "share" ? percentTyped(value) : String(value).replace(".", ","));
    this.typed.set(Object.fromEntries((this.list.get().data ?? []).map((one) => [one.key, { target: shown(one, one.target), band: shown(one, one.band) }])));
  }
}

/** A client's logo on its reports. */
export class LogoModel {
  readonly there: Query<boolean>;
  readonly saving = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly client: string };

  constructor(client: ApiClient, of: string) {
    this.#client = client;
    this.#path = { client: of };
    this.there = new Query(async () => (await client.get("/clients/{client}/logo", { path: this.#path })).logo);
  }

  /** null takes it away. */
  readonly set = async (file: Blob | null): Promise<boolean> =>
    this.saving.run(async () => {
      const png = file === null ? null : base64(new Uint8Array(await file.arrayBuffer()));
      this.there.put((await this.#client.put("/clients/{client}/logo", { path: this.#path, body: { png } })).logo);
    });
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** null: the usual; undefined: no figures. */
function read(one: KpiTerms, typed: KpiTyped | undefined): { target: number; band: number } | null | undefined {
  if (typed === undefined || (typed.target.trim() === "" && typed.band.trim() === "")) return null;
  const by = one.unit === "share" ? 100 : 1;
  const most = one.unit === "share" ? 100 : MOST_SECONDS;
  const [target, band] = [numberTyped(typed.target, most), typed.band.trim() === "" ? 0 : numberTyped(typed.band, most)];
  return target === null || band === null ? undefined : { target: target / by, band: band / by };
}
