/** Places where one client's results go as files. A secret that was made is kept until it has been seen, and nowhere else. */

import type { ApiClient } from "../api/client";
import type { Outlet, OutletFault } from "../api/types";
import { type PlaceForm, placeBody, placeChange, placeOf } from "../domain/places";
import { Action, Query } from "./query";
import { Store } from "./store";

/** What one has beside its place. */
export interface OutletForm {
  readonly campaign: string;
  /** Empty: our own columns. */
  readonly profile: string;
  readonly place: PlaceForm;
}

/** Longer than the service tries. */
export const TRY_SECONDS = 150;

export class OutletsModel {
  readonly list: Query<readonly Outlet[]>;
  readonly acting = new Action();
  readonly secret = new Store<string | null>(null);
  readonly tried = new Store<{ readonly outlet: string; readonly fault: OutletFault } | null>(null);
  readonly #client: ApiClient;

  constructor(client: ApiClient, of: string) {
    this.#client = client;
    this.list = new Query<readonly Outlet[]>(async () => (await client.get("/outlets")).items.filter((outlet) => outlet.client === of));
  }

  readonly make = async ({ campaign, profile, place }: OutletForm): Promise<boolean> =>
    this.acting.run(async () => {
      const body = { kind: place.kind, ...placeBody(place), ...when(place), profile };
      const made = await this.#client.post("/campaigns/{campaign}/outlets", { path: { campaign }, body });
      if (made.secret !== "") this.secret.set(made.secret);
      await this.list.reload();
    });

  /** A new secret of a push; the old one signs beside it for the overlap. */
  readonly renewSecret = async (outlet: Outlet, overlapHours: number): Promise<boolean> =>
    this.acting.run(async () => {
      const renewed = await this.#client.post("/outlets/{outlet}/secret", { path: { outlet: outlet.id }, ifMatch: outlet.version, body: { overlap_hours: overlapHours } });
      this.secret.set(renewed.secret);
      await this.list.reload();
    });

  readonly seen = (): void => this.secret.set(null);

  /** What differs is sent; nothing when nothing does. */
  readonly change = async (outlet: Outlet, { profile, place }: OutletForm): Promise<boolean> => {
    const time = place.weekdays.length > 0 && place.time !== outlet.at ? { at: place.time } : {};
    const change = { ...placeChange(place, placeOf(outlet)), ...time, ...(profile === outlet.profile ? {} : { profile }) };
    if (Object.keys(change).length === 0) return true;
    return this.#patch(outlet, change);
  };

  readonly setState = async (outlet: Outlet, state: Outlet["state"]): Promise<boolean> => this.#patch(outlet, { state });

  /** Whether the way is open; nothing is brought. */
  readonly tryOut = async (outlet: string): Promise<boolean> =>
    this.acting.run(async () => {
      this.tried.set(null);
      const { fault } = await this.#client.post("/outlets/{outlet}/test", { path: { outlet }, timeoutSeconds: TRY_SECONDS });
      this.tried.set({ outlet, fault });
    });

  async #patch(outlet: Outlet, body: object): Promise<boolean> {
    return this.acting.run(async () => {
      await this.#client.patch("/outlets/{outlet}", { path: { outlet: outlet.id }, ifMatch: outlet.version, body });
      await this.list.reload();
    });
  }
}

const when = (place: PlaceForm): { at?: string } => (place.weekdays.length > 0 && place.time !== "" ? { at: place.time } : {});
