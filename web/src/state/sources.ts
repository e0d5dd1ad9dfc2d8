/** Places where clients' files come, and the receipts of what came. */

import type { ApiClient } from "../api/client";
import type { Arrival, Source } from "../api/types";
import { type PlaceForm, placeBody, placeChange, placeOfSource } from "../domain/places";
import { Action, Query } from "./query";

/** What one has beside its place. */
export interface SourceForm {
  readonly campaign: string;
  /** What its files are. */
  readonly holds: Source["holds"];
  /** A saved column mapping; empty: they are guessed. */
  readonly mapping: string;
  readonly monthDays: readonly number[];
  readonly place: PlaceForm;
}

export class SourcesModel {
  readonly list: Query<readonly Source[]>;
  readonly mappings: Query<readonly string[]>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  #holds: Source["holds"] = "list";

  /** `of`: one client's; null: of all. */
  constructor(client: ApiClient, of: string | null) {
    this.#client = client;
    this.list = new Query<readonly Source[]>(async () => (await client.get("/sources")).items.filter((source) => of === null || source.client === of));
    this.mappings = new Query<readonly string[]>(async () => (of === null ? [] : (await client.get("/clients/{client}/mapping-names", { path: { client: of }, query: { holds: this.#holds } })).items));
  }

  /** Column mappings are those of files of one sort. */
  readonly choose = async (holds: Source["holds"]): Promise<void> => {
    if (holds === this.#holds) return;
    this.#holds = holds;
    await this.mappings.reload();
  };

  readonly make = async ({ campaign, holds, mapping, monthDays, place }: SourceForm): Promise<boolean> =>
    this.acting.run(async () => {
      const { kind } = place;
      if (kind === "push") return; // nothing is pushed to us
      const expected = place.weekdays.length > 0 || monthDays.length > 0;
      const by = expected && place.time !== "" ? { by: place.time } : {};
      const body = { kind, ...placeBody(place), month_days: [...monthDays], holds, mapping_name: mapping, ...by };
      await this.#client.post("/campaigns/{campaign}/sources", { path: { campaign }, body });
      await this.list.reload();
    });

  /** What differs is sent; nothing when nothing does. */
  readonly change = async (source: Source, { holds, mapping, monthDays, place }: SourceForm): Promise<boolean> => {
    const change = {
      ...placeChange(place, placeOfSource(source)),
      ...(place.time !== "" && place.time !== source.by ? { by: place.time } : {}),
      ...(holds === source.holds ? {} : { holds }),
      ...(mapping === source.mapping_name ? {} : { mapping_name: mapping }),
      ...(JSON.stringify(monthDays) === JSON.stringify(source.month_days) ? {} : { month_days: [...monthDays] }),
    };
    return Object.keys(change).length === 0 ? true : this.#patch(source, change);
  };

  readonly look = async (source: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/sources/{source}/look", { path: { source }, timeoutSeconds: LOOK_SECONDS });
      await this.list.reload();
    });

  readonly watch = async (source: Source, on: boolean): Promise<boolean> => this.#patch(source, { on });

  async #patch(source: Source, body: object): Promise<boolean> {
    return this.acting.run(async () => {
      await this.#client.patch("/sources/{source}", { path: { source: source.id }, ifMatch: source.version, body });
      await this.list.reload();
    });
  }
}

/** A server that is slow, and files that are read. */
const LOOK_SECONDS = 300;

export class ArrivalsModel {
  readonly list: Query<readonly Arrival[]>;

  constructor(client: ApiClient) {
    this.list = new Query<readonly Arrival[]>(async () => (await client.get("/arrivals", { query: { limit: 20 } })).items);
  }
}
