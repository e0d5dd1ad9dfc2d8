/** The lists of the client's people, what they say of a case, and taking it back. */

import { type ApiClient, newKey } from "../api/client";
import type { FollowUpLine, FollowUpList, FollowUpMark, FollowUpShown } from "../api/types";
import { Action, Pages, Query } from "./query";
import { Store } from "./store";

export interface FollowUpFilter {
  readonly done: boolean;
  readonly campaign: string;
  readonly reference: string;
  readonly crisis: boolean;
  readonly overdue: boolean;
  readonly order: "due" | "newest";
}

/** What was just said, so that it can be taken back at once. */
export interface Said {
  readonly case: string;
  readonly ref: string;
  readonly mark: FollowUpMark;
}

export class FollowUpModel {
  readonly filter = new Store<FollowUpFilter>({ done: false, campaign: "", reference: "", crisis: false, overdue: false, order: "due" });
  readonly list: Pages<FollowUpLine>;
  readonly acting = new Action();
  readonly said = new Store<Said | null>(null);
  readonly which: FollowUpList;
  readonly #client: ApiClient;

  constructor(client: ApiClient, which: FollowUpList) {
    this.#client = client;
    this.which = which;
    this.list = new Pages((cursor) => client.get("/follow-ups", { query: { ...this.#query(), ...(cursor === undefined ? {} : { cursor }) } }));
  }

  #query(): { list: FollowUpList; done?: boolean; campaign?: string; reference?: string; crisis?: boolean; overdue?: boolean; order?: "newest" } {
    const { done, campaign, reference, crisis, overdue, order } = this.filter.get();
    return {
      list: this.which,
      ...(done ? { done } : {}),
      ...(campaign === "" ? {} : { campaign }),
      ...(reference.trim() === "" ? {} : { reference: reference.trim() }),
      ...(crisis ? { crisis } : {}),
      ...(overdue ? { overdue } : {}),
      ...(order === "due" ? {} : { order }),
    };
  }

  readonly narrow = (change: Partial<FollowUpFilter>): void => {
    this.filter.patch(change);
    this.said.set(null);
    void this.list.reload();
  };

  readonly mark = async (line: FollowUpLine, mark: FollowUpMark, reason = ""): Promise<boolean> =>
    this.acting.run(async () => {
      this.said.set(null);
      await sendMark(this.#client, line, mark, reason);
      this.said.set({ case: line.case, ref: line.client_refs[0] ?? line.case.slice(-8), mark });
      await this.list.reload();
    });

  readonly undo = async (id: string): Promise<boolean> =>
    this.acting.run(async () => {
      await this.#client.post("/cases/{case}/follow-up/undo", { path: { case: id } });
      this.said.set(null);
      await this.list.reload();
    });

  /** A held case: have it called after all, or take it back. */
  readonly decide = async (line: FollowUpLine, what: "release" | "withdraw", reason: string): Promise<boolean> =>
    this.acting.run(async () => {
      this.said.set(null);
      const path = what === "release" ? "/cases/{case}/release" : "/cases/{case}/withdraw";
      await this.#client.post(path, { path: { case: line.case }, body: { reason: reason.trim() }, idempotencyKey: newKey() });
      await this.list.reload();
    });

  readonly file = (format: "csv" | "xlsx"): Promise<Blob> => this.#client.download("/follow-ups/file", { query: { ...this.#query(), format } });
}

/** One case's place on the lists, with all that was said of it. */
export class CaseFollowUpModel {
  readonly shown: Query<FollowUpShown>;
  readonly acting = new Action();
  readonly #client: ApiClient;
  readonly #path: { readonly case: string };

  constructor(client: ApiClient, id: string) {
    this.#client = client;
    this.#path = { case: id };
    this.shown = new Query(() => client.get("/cases/{case}/follow-up", { path: this.#path }));
  }

  readonly mark = async (line: FollowUpLine, mark: FollowUpMark, reason: string): Promise<boolean> =>
    this.acting.run(async () => this.shown.put(await sendMark(this.#client, line, mark, reason)));

  readonly undo = async (): Promise<boolean> =>
    this.acting.run(async () => this.shown.put(await this.#client.post("/cases/{case}/follow-up/undo", { path: this.#path })));
}

async function sendMark(client: ApiClient, line: FollowUpLine, mark: FollowUpMark, reason: string): Promise<FollowUpShown> {
  const body = { mark, ...(reason.trim() === "" ? {} : { reason: reason.trim() }) };
  return await client.post("/cases/{case}/follow-up", { path: { case: line.case }, body, ifMatch: line.version, idempotencyKey: newKey() });
}
