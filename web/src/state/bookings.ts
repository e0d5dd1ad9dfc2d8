/** Residents' appointments with a client, and the times that it offers for them. */

import { type ApiClient, newKey } from "../api/client";
import type { Booking, Client, Slot, SlotSource } from "../api/types";
import { isoDay } from "../domain/dates";
import { Action, Query } from "./query";
import { Store } from "./store";

export interface SlotForm {
  readonly kind: SlotSource["kind"];
  readonly name: string;
  readonly place: string;
  readonly meeting: SlotSource["meeting"];
  readonly weekdays: readonly number[];
  readonly begin: string;
  readonly end: string;
  readonly minutes: string;
  readonly seats: string;
  readonly until: string;
  /** Of the client's own calendar. */
  readonly url: string;
}

export const NEW_SLOTS: SlotForm = { kind: "own", name: "", place: "", meeting: "office", weekdays: [], begin: "09:00", end: "12:00", minutes: "45", seats: "1", until: "", url: "" };

const whole = (text: string): number | null => (/^\d{1,3}$/.test(text.trim()) ? Number(text) : null);

/** Whether this can be a calendar's address; whether it may be called the service says. */
export function isAddress(url: string): boolean {
  return /^(https|webcal):\/\/\S+$/.test(url.trim());
}

export function isComplete(form: SlotForm): boolean {
  const { kind, name, place, weekdays, begin, end, url } = form;
  if (name.trim() === "" || place.trim() === "" || whole(form.minutes) === null || whole(form.seats) === null) return false;
  return kind === "feed" ? isAddress(url) : weekdays.length > 0 && begin !== "" && end !== "";
}

/** How long ago an appointment may be to be shown: somebody must say who came. */
const PAST_SECONDS = 14 * 86_400;

export type Result = "kept" | "no_show" | "booked";

export class BookingsModel {
  readonly clients: Query<readonly Client[]>;
  readonly list: Query<readonly Booking[]>;
  readonly sources: Query<readonly SlotSource[]>;
  /** Times to move an appointment to. */
  readonly free: Query<readonly Slot[]>;
  readonly chosen = new Store<string>("");
  readonly acting = new Action();
  readonly offering = new Action();
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
    this.clients = new Query<readonly Client[]>(async () => (await client.get("/clients")).items);
    this.list = new Query<readonly Booking[]>(async () => (await client.get("/bookings", { query: { client: this.chosen.get(), from: isoDay(new Date((client.now() - PAST_SECONDS) * 1000)), limit: 200 } })).items);
    this.sources = new Query<readonly SlotSource[]>(async () => (await client.get("/clients/{client}/slot-sources", { path: this.#path })).items);
    this.free = new Query<readonly Slot[]>(async () => (await client.get("/clients/{client}/slots", { path: this.#path, query: { free: true, days: 31 } })).items);
  }

  get #path(): { readonly client: string } {
    return { client: this.chosen.get() };
  }

  /** The clients; where there is one only, that one is shown. */
  readonly load = async (): Promise<void> => {
    await this.clients.reload();
    const [first, ...others] = this.clients.get().data ?? [];
    if (first !== undefined && others.length === 0) await this.choose(first.id);
  };

  readonly choose = async (client: string): Promise<void> => {
    this.chosen.set(client);
    this.list.clear();
    this.sources.clear();
    this.free.clear();
    await this.reload();
  };

  readonly reload = async (): Promise<void> => {
    await Promise.all([this.list.reload(), this.sources.reload()]);
  };

  readonly report = (booking: string, result: Result): Promise<boolean> =>
    this.#act(async () => {
      await this.#client.put("/bookings/{booking}/result", { path: { booking }, body: { result } });
    });

  readonly cancel = (booking: string, reason: string): Promise<boolean> =>
    this.#act(async () => {
      await this.#client.post("/bookings/{booking}/cancel", { path: { booking }, body: { reason } });
    });

  /** What the resident was to be told, once more. */
  readonly resend = (booking: string): Promise<boolean> =>
    this.#act(async () => {
      await this.#client.post("/bookings/{booking}/notice", { path: { booking } });
    });

  readonly move = (booking: string, slot: string): Promise<boolean> =>
    this.#act(async () => {
      await this.#client.post("/bookings/{booking}/move", { path: { booking }, body: { slot } });
      await this.free.reload();
    });

  readonly offer = (form: SlotForm): Promise<boolean> =>
    this.offering.run(async () => {
      const { kind, name, place, meeting, weekdays, begin, end, until, url } = form;
      const week = { weekdays: [...weekdays], begin, end, ...(until === "" ? {} : { until_on: until }) };
      const body = {
        kind, name: name.trim(), place: place.trim(), meeting, minutes: whole(form.minutes) ?? 0, seats: whole(form.seats) ?? 0,
        ...(kind === "feed" ? { url: url.trim() } : week),
      };
      await this.#client.post("/clients/{client}/slot-sources", { path: this.#path, body, idempotencyKey: newKey() });
      await this.sources.reload();
    });

  /** Not offered for now, or offered again: nothing of it is lost. */
  readonly turn = (source: SlotSource, on: boolean): Promise<boolean> => this.#change(source, { on });

  /** A day without times, or with them after all. */
  readonly except = (source: SlotSource, day: string, off: boolean): Promise<boolean> => {
    const others = source.except_on.filter((one) => one !== day);
    return this.#change(source, { except_on: off ? [...others, day].sort() : others });
  };

  /** Another address of the same calendar. */
  readonly readdress = (source: SlotSource, url: string): Promise<boolean> => this.#change(source, { url: url.trim() });

  /** Read the client's calendar now. */
  readonly look = (source: SlotSource): Promise<boolean> =>
    this.offering.run(async () => {
      await this.#client.post("/slot-sources/{slot_source}/look", { path: { slot_source: source.id } });
      await this.reload();
    });

  #change(source: SlotSource, body: { readonly on: boolean } | { readonly except_on: string[] } | { readonly url: string }): Promise<boolean> {
    return this.offering.run(async () => {
      await this.#client.patch("/slot-sources/{slot_source}", { path: { slot_source: source.id }, ifMatch: source.version, body });
      await this.reload();
    });
  }

  async #act(work: () => Promise<void>): Promise<boolean> {
    return this.acting.run(async () => {
      await work();
      await this.list.reload();
    });
  }
}
