/** Reports: what was asked before, one report with the records behind its figures, and what was agreed. */

import { type ApiClient, newKey } from "../api/client";
import type { AdjustmentLine, Campaign, Client, ExpectedOfCampaign, Report, Outlet, ReportDelivery, ReportDimension, ReportLine, ReportMeasure, ReportRecord, ReportSchedule } from "../api/types";
import type { Period } from "../domain/report";
import { Action, Pages, Query } from "./query";
import { Store } from "./store";

/** About what a report may be asked. */
export interface Subject {
  readonly id: string;
  readonly client: string;
  readonly campaign: string | null;
  readonly name: string;
}

/** Where a regular report goes by itself, and as what. */
export interface Bringing {
  readonly format: ReportSchedule["format"];
  /** Empty: no mail. Of whole months only. */
  readonly mail: string;
  /** Empty: not there. */
  readonly outlet: string;
}

const NOWHERE: Bringing = { format: "pdf", mail: "", outlet: "" };

export class ReportsModel {
  readonly list: Pages<ReportLine>;
  readonly expected: Query<readonly ExpectedOfCampaign[]>;
  readonly subjects: Query<readonly Subject[]>;
  readonly asking = new Action();
  readonly schedules: Query<readonly ReportSchedule[]>;
  /** Regular reports that went to clients, with their receipts. */
  readonly brought: Query<readonly ReportDelivery[]>;
  /** Where result files go; nobody sees them who may not have a report brought. */
  readonly outlets: Query<readonly Outlet[]>;
  readonly scheduling = new Action();
  readonly #client: ApiClient;
  #key = newKey();

  /** `clients`: may their names be read. */
  constructor(client: ApiClient, clients: boolean) {
    this.#client = client;
    this.list = new Pages((cursor) => client.get("/reports", { query: cursor === undefined ? {} : { cursor } }));
    this.expected = new Query<readonly ExpectedOfCampaign[]>(async () => (await client.get("/expected-reach")).items);
    this.brought = new Query<readonly ReportDelivery[]>(async () => (await client.get("/report-deliveries", { query: { limit: 20 } })).items);
    this.outlets = new Query<readonly Outlet[]>(async () => (await client.get("/outlets")).items);
    this.schedules = new Query<readonly ReportSchedule[]>(async () => (await client.get("/report-schedules")).items);
    this.subjects = new Query<readonly Subject[]>(async () => {
      const [campaigns, known] = await Promise.all([
        client.get("/campaigns", { query: { limit: 200 } }),
        clients ? client.get("/clients") : Promise.resolve({ items: [] as readonly Client[] }),
      ]);
      const whole = known.items.map<Subject>(({ id, name }) => ({ id, client: id, campaign: null, name }));
      return [...whole, ...campaigns.items.map<Subject>(({ id, client: of, name }: Campaign) => ({ id, client: of, campaign: id, name }))];
    });
  }

  readonly reload = async (): Promise<void> => {
    await Promise.all([this.list.reload(), this.expected.reload(), this.subjects.reload(), this.schedules.reload(), this.brought.reload()]);
  };

  /** The new report's id; null when it was refused. Sent again after a failure it is the same question. */
  readonly ask = async (subject: Subject, period: Period): Promise<string | null> => {
    let made: string | null = null;
    await this.asking.run(async () => {
      const body = { client: subject.client, campaign: subject.campaign, first_day: period.first, last_day: period.last };
      made = (await this.#client.post("/reports", { body, idempotencyKey: this.#key })).id;
      this.#key = newKey();
    });
    return made;
  };

  /** Have it made each month or week from now on. */
  readonly schedule = async (subject: Subject, every: ReportSchedule["every"], day: number, bringing: Bringing = NOWHERE): Promise<boolean> =>
    this.scheduling.run(async () => {
      const { format, mail, outlet } = bringing;
      const to = every === "month" ? mail.trim() : "";
      const where = { ...(to === "" ? {} : { mail_to: to }), ...(outlet === "" ? {} : { outlet }) };
      const body = { client: subject.client, campaign: subject.campaign, every, day, ...(Object.keys(where).length === 0 ? {} : { format, ...where }) };
      this.schedules.put((await this.#client.post("/report-schedules", { body, idempotencyKey: newKey() })).items);
    });

  /** One that was given up goes out again. */
  readonly resend = async (delivery: string): Promise<boolean> =>
    this.scheduling.run(async () => {
      await this.#client.post("/report-deliveries/{report_delivery}/resend", { path: { report_delivery: delivery } });
      await this.brought.reload();
    });

  readonly endSchedule = async (id: string): Promise<boolean> =>
    this.scheduling.run(async () => {
      await this.#client.delete("/report-schedules/{report_schedule}", { path: { report_schedule: id } });
      this.schedules.put((this.schedules.get().data ?? []).filter((one) => one.id !== id));
    });

  /** Another question is another request. */
  readonly changed = (): void => {
    this.#key = newKey();
  };
}

/** A figure that was opened. */
export interface Figure {
  readonly title: string;
  readonly measure: ReportMeasure;
  readonly dimension: ReportDimension | null;
  readonly key: string;
}

export class ReportModel {
  readonly report: Query<Report>;
  readonly saving = new Action();
  readonly #client: ApiClient;
  readonly opened = new Store<Figure | null>(null);
  readonly records: Pages<ReportRecord>;

  constructor(client: ApiClient, id: string) {
    const path = { report: id };
    this.#client = client;
    this.report = new Query(() => client.get("/reports/{report}", { path }));
    this.records = new Pages((cursor) => {
      const figure = this.opened.get();
      if (figure === null) return Promise.resolve({ items: [], next: null });
      const { measure, dimension, key } = figure;
      const row = dimension === null ? {} : { dimension, key };
      return client.get("/reports/{report}/records", { path, query: { measure, ...row, ...(cursor === undefined ? {} : { cursor }) } });
    });
  }

  readonly open = (figure: Figure): void => {
    this.records.set({ data: null, next: null, loading: false, error: null });
    this.opened.set(figure);
    void this.records.reload();
  };

  readonly close = (): void => this.opened.set(null);

  /** The whole report as a file; null when it was refused. */
  readonly file = async (id: string, format: "xlsx" | "pdf"): Promise<Blob | null> => {
    let made: Blob | null = null;
    await this.saving.run(async () => {
      made = await this.#client.download("/reports/{report}/file", { path: { report: id }, query: { format } });
    });
    return made;
  };
}

export class AdjustmentsModel {
  readonly list: Query<readonly AdjustmentLine[]>;
  readonly adding = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly campaign: string };
  #key = newKey();

  constructor(client: ApiClient, campaign: string) {
    this.#client = client;
    this.#path = { campaign };
    this.list = new Query<readonly AdjustmentLine[]>(async () => (await client.get("/campaigns/{campaign}/adjustments", { path: this.#path })).items);
  }

  readonly add = async (on: string, who: string, what: string): Promise<boolean> =>
    this.adding.run(async () => {
      const body = { agreed_on: on, agreed_with: who.trim(), agreed: what.trim() };
      this.list.put((await this.#client.post("/campaigns/{campaign}/adjustments", { path: this.#path, body, idempotencyKey: this.#key })).items);
      this.#key = newKey();
    });

  readonly changed = (): void => {
    this.#key = newKey();
  };
}
