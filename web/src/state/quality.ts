/** Quality: the sample, one record's review, the scorecard, and what reviews add up to. What is typed stays in memory. */

import { type ApiClient, newKey } from "../api/client";
import type { CalibrationShown, Client, Criterion, QualityTrend, Sample, SampleLine, Scorecard } from "../api/types";
import { type CardRow, cardOf, isCard, isVerdict, rowsOf, type VerdictForm, verdictOf } from "../domain/quality";
import { Action, Pages, Query } from "./query";
import { Store } from "./store";

export class SamplesModel {
  /** What is still to be reviewed, or what has been. */
  readonly done = new Store(false);
  readonly list: Pages<SampleLine>;

  constructor(client: ApiClient) {
    this.list = new Pages((cursor) => client.get("/samples", { query: { done: this.done.get(), ...(cursor === undefined ? {} : { cursor }) } }));
  }

  readonly show = (done: boolean): void => {
    this.done.set(done);
    void this.list.reload();
  };
}

export class SampleModel {
  readonly sample: Query<Sample>;
  readonly form = new Store<VerdictForm>({ points: {}, right: "", wanted: "", reason: "", coaching: "" });
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly sample: string };
  readonly #key = newKey();

  constructor(client: ApiClient, id: string) {
    this.#client = client;
    this.#path = { sample: id };
    this.sample = new Query(() => client.get("/samples/{sample}", { path: this.#path }));
  }

  readonly edit = (change: Partial<VerdictForm>): void => this.form.patch(change);

  readonly score = (code: string, given: VerdictForm["points"][string]): void => this.form.patch({ points: { ...this.form.get().points, [code]: given } });

  /** Once for each side: sent again after a failure it is the same review. */
  readonly review = async (): Promise<boolean> => {
    const { data } = this.sample.get();
    const form = this.form.get();
    if (data === null || !isVerdict(form, data.card.criteria)) return false;
    return this.acting.run(async () => {
      this.sample.put(await this.#client.post("/samples/{sample}/review", { path: this.#path, body: verdictOf(form), idempotencyKey: this.#key }));
    });
  };

  /** Our people take the client's proposal over: an ordinary correction. */
  readonly recode = async (outcome: string, reason: string): Promise<boolean> => {
    const { data } = this.sample.get();
    if (data === null) return false;
    return this.acting.run(async () => {
      await this.#client.post("/attempts/{attempt}/recode", { path: { attempt: data.line.attempt }, body: { outcome, reason: reason.trim() } });
      await this.sample.reload();
    });
  };

  readonly closeCoaching = async (): Promise<boolean> => {
    const { data } = this.sample.get();
    if (data?.coaching == null) return false;
    const coaching = data.coaching.id;
    return this.acting.run(async () => {
      const closed = await this.#client.post("/coaching/{coaching}/close", { path: { coaching } });
      this.sample.put({ ...data, coaching: closed });
    });
  };
}

/** What belongs to one client at a time: its card, or its calibration. */
class OfClient<T> {
  readonly clients: Query<readonly Client[]>;
  readonly chosen = new Store("");
  readonly shown: Query<T>;

  constructor(client: ApiClient, load: (id: string) => Promise<T>) {
    this.clients = new Query<readonly Client[]>(async () => (await client.get("/clients")).items);
    this.shown = new Query(() => load(this.chosen.get()));
  }

  /** The first client is chosen by itself. */
  readonly open = async (): Promise<void> => {
    await this.clients.reload();
    const first = this.clients.get().data?.[0];
    if (first !== undefined) await this.choose(first.id);
  };

  readonly choose = async (id: string): Promise<void> => {
    this.chosen.set(id);
    await this.shown.reload();
  };
}

interface Calibration extends CalibrationShown {
  /** The words of the points, by code. */
  readonly labels: Readonly<Record<string, string>>;
}

export class CalibrationModel extends OfClient<Calibration> {
  constructor(client: ApiClient) {
    super(client, async (id) => {
      const path = { client: id };
      const [shown, card] = await Promise.all([client.get("/clients/{client}/calibration", { path }), client.get("/clients/{client}/scorecard", { path })]);
      return { ...shown, labels: Object.fromEntries(card.criteria.map(({ code, label }) => [code, label])) };
    });
  }
}

export class ScorecardModel extends OfClient<Scorecard> {
  readonly rows = new Store<readonly CardRow[]>([]);
  readonly saving = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    super(client, async (id) => {
      const card = await client.get("/clients/{client}/scorecard", { path: { client: id } });
      this.rows.set(rowsOf(card.criteria));
      return card;
    });
    this.#client = client;
  }

  readonly edit = (place: number, change: Partial<CardRow>): void => this.rows.set(this.rows.get().map((row, index) => (index === place ? { ...row, ...change } : row)));

  readonly add = (): void => this.rows.set([...this.rows.get(), { code: "", label: "", weight: "1", fatal: false }]);

  readonly remove = (place: number): void => this.rows.set(this.rows.get().filter((_, index) => index !== place));

  readonly save = async (): Promise<boolean> => {
    const { data } = this.shown.get();
    const rows = this.rows.get();
    if (data === null || !isCard(rows)) return false;
    const criteria: Criterion[] = cardOf(rows);
    return this.saving.run(async () => {
      const card = await this.#client.put("/clients/{client}/scorecard", { path: { client: data.client }, body: { criteria }, ifMatch: data.version });
      this.rows.set(rowsOf(card.criteria));
      this.shown.put(card);
    });
  };
}

export class TrendsModel {
  readonly trends: Query<readonly QualityTrend[]>;

  constructor(client: ApiClient) {
    this.trends = new Query<readonly QualityTrend[]>(async () => (await client.get("/quality/trends")).items);
  }
}
