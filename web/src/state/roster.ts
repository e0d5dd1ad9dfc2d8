/** The roster: a week's grid that is typed in and kept, copied, read from a file; and today, beside the live floor. */

import type { ApiClient } from "../api/client";
import type { Roster, RosterDay, RosterRead } from "../api/types";
import { isoDay } from "../domain/dates";
import { addDays, type CellFault, changed, isTyped, mondayOf, parseCell, showCell } from "../domain/roster";
import { Action, Query } from "./query";
import { Store } from "./store";

const TODAY_SECONDS = 60;
/** Days that a downloaded file holds, from the week that is shown. */
const FILE_DAYS = 28;

interface Editing {
  readonly monday: string;
  /** Cell -> as typed. */
  readonly typed: Readonly<Record<string, string>>;
  /** How many days the last act kept; null: none yet, or something was typed since. */
  readonly kept: number | null;
}

interface FileTried {
  readonly text: string;
  readonly name: string;
  readonly found: RosterRead;
}

const cellKey = (user: string, day: string): string => `${user} ${day}`;

export class RosterModel {
  readonly editing: Store<Editing>;
  readonly week: Query<Roster>;
  readonly acting = new Action();
  readonly file = new Store<FileTried | null>(null);
  readonly #client: ApiClient;
  readonly #away: string;

  /** `away`: the word for it in a cell. */
  constructor(client: ApiClient, away: string) {
    this.#client = client;
    this.#away = away;
    this.editing = new Store<Editing>({ monday: mondayOf(isoDay(new Date(client.now() * 1000))), typed: {}, kept: null });
    this.week = new Query<Roster>(async () => {
      const { monday } = this.editing.get();
      return client.get("/roster", { query: { from: monday, until: addDays(monday, 6) } });
    });
  }

  readonly load = async (): Promise<void> => {
    await this.week.reload();
    // A demo's calendar is ahead of ours: its week is another one.
    const { data } = this.week.get();
    if (data !== null && mondayOf(data.today) !== this.editing.get().monday) await this.show(data.today);
  };

  /** The week of a day. What was typed is kept or thrown away first. */
  readonly show = async (day: string): Promise<void> => {
    if (this.changes().length > 0) return;
    this.editing.set({ monday: mondayOf(day), typed: {}, kept: null });
    this.week.clear();
    await this.week.reload();
  };

  day(user: string, day: string): RosterDay | undefined {
    return this.week.get().data?.days.find((one) => one.user === user && one.day === day);
  }

  text(user: string, day: string): string {
    return this.editing.get().typed[cellKey(user, day)] ?? showCell(this.day(user, day), this.#away);
  }

  readonly type = (user: string, day: string, text: string): void => {
    this.acting.clear();
    this.editing.patch({ typed: { ...this.editing.get().typed, [cellKey(user, day)]: text }, kept: null });
  };

  readonly undo = (): void => {
    this.acting.clear();
    this.editing.patch({ typed: {}, kept: null });
  };

  fault(user: string, day: string): CellFault | null {
    const found = parseCell(this.text(user, day));
    return isTyped(found) ? null : found;
  }

  /** Cells that were typed in and differ; those that cannot be read as what they were. */
  changes(): readonly RosterDay[] {
    return Object.entries(this.editing.get().typed).flatMap(([key, text]) => {
      const [user, day] = key.split(" ") as [string, string];
      const found = parseCell(text);
      const before = this.day(user, day);
      if (!isTyped(found)) return [before ?? { user, day, shifts: [], away: false, version: 0 }];
      const after = changed(before, user, day, found);
      return after === null ? [] : [after];
    });
  }

  get wrong(): boolean {
    return Object.values(this.editing.get().typed).some((text) => !isTyped(parseCell(text)));
  }

  readonly save = async (): Promise<boolean> => {
    const days = this.changes();
    if (this.wrong || days.length === 0) return false;
    const done = await this.acting.run(async () => {
      await this.#client.put("/roster", { body: { days: [...days] } });
    });
    if (done) this.editing.patch({ typed: {}, kept: days.length });
    // Refused because somebody else was first: what is typed stays, beside what is there now.
    await this.week.reload();
    return done;
  };

  /** This week's shifts into the next `weeks` weeks. */
  readonly copy = async (weeks: number): Promise<boolean> =>
    this.acting.run(async () => {
      const { monday } = this.editing.get();
      const others = Array.from({ length: weeks }, (_, place) => addDays(monday, 7 * (place + 1)));
      const { days } = await this.#client.post("/roster/copies", { body: { week: monday, weeks: others } });
      this.editing.patch({ kept: days });
    });

  readonly tryFile = async (file: Pick<File, "name" | "text">): Promise<boolean> => {
    this.file.set(null);
    return this.acting.run(async () => {
      const text = await file.text();
      const found = await this.#client.post("/roster/import", { query: { dry_run: true }, body: { csv: text } });
      this.file.set({ text, name: file.name, found });
    });
  };

  readonly keepFile = async (): Promise<boolean> => {
    const tried = this.file.get();
    if (tried === null) return false;
    const done = await this.acting.run(async () => {
      const { days } = await this.#client.post("/roster/import", { query: { dry_run: false }, body: { csv: tried.text } });
      this.file.set(null);
      this.editing.patch({ kept: days });
    });
    await this.week.reload();
    return done;
  };

  readonly forgetFile = (): void => this.file.set(null);

  readonly download = async (): Promise<Blob> => {
    const { monday } = this.editing.get();
    return this.#client.download("/roster/file", { query: { from: monday, until: addDays(monday, FILE_DAYS - 1), format: "csv" } });
  };
}

/** Who is planned today; asked again each minute while somebody looks. Returns how to stop. */
export class RosterToday {
  readonly view: Query<Roster>;

  constructor(client: ApiClient) {
    const ask = (day: string): Promise<Roster> => client.get("/roster", { query: { from: day, until: day } });
    this.view = new Query<Roster>(async () => {
      const day = isoDay(new Date(client.now() * 1000));
      const found = await ask(day);
      return found.today === day ? found : ask(found.today); // a demo's calendar is ahead of ours
    });
  }

  readonly start = (): (() => void) => {
    void this.view.reload();
    const timer = setInterval(() => void this.view.reload(), TODAY_SECONDS * 1000);
    return () => clearInterval(timer);
  };
}
